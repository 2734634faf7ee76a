"""`TextRule`: how a family of models turns a prompt into the hidden states that its denoiser attends to."""

from collections.abc import Mapping
from typing import Any, Final, Literal, final

import attrs
import torch

from invsolve_diffusers.network.embedding import Embedding

SIZES: Final = 6  # numbers that SDXL embeds besides the text: original size, corner of the crop, wanted size
CLIP_LENGTH: Final = 77


@final
@attrs.frozen
class Clip:
    """One of several CLIP encoders: its penultimate hidden states are joined with those of the others, by width.

    Attributes:
        folder: of the checkpoint.
        tokenizer: of the checkpoint.
        pooled: whether its vector of the whole text is used, joined with those of the others.
    """

    folder: str
    tokenizer: str
    pooled: bool = False


@final
@attrs.frozen(kw_only=True)
class TextRule:
    """The treatment of prompts in the pipeline of a family.

    Attributes:
        clips: CLIP encoders whose tokens come first; tokens of the encoder are appended, widths filled with zeros.
        encoder: class of transformers in the folder ``folder``, with the tokenizer in ``tokenizer``; or None.
        length: tokens after padding and cutting; ``length_key`` is the key of the denoiser's configuration that holds
            it, where there is one.
        clean: ``tidy`` resolves HTML entities and runs of white space, ``lower`` writes in lower case.
        encoder_sees_mask: the encoder does not attend to padding.
        padding: what the denoiser gets in the place of padding: its ``hidden`` states, ``zero``, or ``cut``: nothing.
        denoiser_sees_mask: the denoiser is given the mask.
        layer: which hidden states, None for the last after its norm.
        template: the prompt stands in a template, whose first tokens are dropped again.
        crop: the prompt stands in a template, whose first tokens are dropped again.
        width_key: the key of the denoiser's configuration that holds the width of the hidden states.
        pooled_key: the same for the one vector that a CLIP encoder in ``pooled_folder`` makes of the whole prompt,
            where the model wants it; less six times ``sizes_key``, where the model is told sizes.
    """

    clips: tuple[Clip, ...] = ()
    encoder: str | None = None
    folder: str = "text_encoder"
    tokenizer: str = "tokenizer"
    length: int = 0
    length_key: str | None = None
    clean: Literal["none", "tidy", "lower"] = "none"
    encoder_sees_mask: bool = False
    padding: Literal["hidden", "zero", "cut"] = "hidden"
    denoiser_sees_mask: bool = False
    layer: int | None = None
    template: str = "{}"
    crop: int = 0
    width_key: str
    pooled_folder: str = "text_encoder_2"
    pooled_tokenizer: str = "tokenizer_2"
    pooled_key: str | None = None
    sizes_key: str | None = None

    @property
    def folders(self) -> tuple[str, ...]:
        """All folders of the checkpoint that a prompt needs."""
        pairs = [(clip.tokenizer, clip.folder) for clip in self.clips]
        if self.encoder is not None:
            pairs.append((self.tokenizer, self.folder))
        if self.pooled_key is not None and not self.clips:
            pairs.append((self.pooled_tokenizer, self.pooled_folder))
        return tuple(folder for pair in pairs for folder in pair)

    def tokens(self, denoiser: Mapping[str, Any]) -> int:
        """The length for a denoiser of this configuration."""
        return int(denoiser[self.length_key]) if self.length_key else self.length

    def blank(self, denoiser: Mapping[str, Any], device: torch.device) -> Embedding:
        """An embedding of the right sizes, without content."""
        length = self.tokens(denoiser) + (CLIP_LENGTH if self.clips else 0)
        wide = denoiser[self.pooled_key] if self.pooled_key else 0
        if self.sizes_key is not None:
            wide -= SIZES * denoiser[self.sizes_key]
        return Embedding(
            tokens=torch.empty(1, length, denoiser[self.width_key], device=device),
            mask=torch.ones(1, length, dtype=torch.int64, device=device) if self.denoiser_sees_mask else None,
            pooled=torch.empty(1, wide, device=device) if self.pooled_key else None,
        )
