"""`TextRule`: how a family of models turns a prompt into the hidden states that its denoiser attends to."""

from collections.abc import Mapping
from typing import Any, Literal, final

import attrs
import torch

from invsolve_diffusers.network.embedding import Embedding


@final
@attrs.frozen(kw_only=True)
class TextRule:
    """The treatment of prompts in the pipeline of a family.

    - ``encoder``: class of transformers in the folder ``text_encoder``.
    - ``length``: tokens after padding and cutting; ``length_key`` is the key of the denoiser's configuration that
      holds it, where there is one.
    - ``clean``: ``tidy`` resolves HTML entities and runs of white space, ``lower`` writes in lower case.
    - ``encoder_sees_mask``: the encoder does not attend to padding.
    - ``padding``: what the denoiser gets in the place of padding: its ``hidden`` states, ``zero``, or ``cut``: nothing.
    - ``denoiser_sees_mask``: the denoiser is given the mask.
    - ``layer``: which hidden states, None for the last after its norm.
    - ``template``, ``crop``: the prompt stands in a template, whose first tokens are dropped again.
    - ``width_key``: the key of the denoiser's configuration that holds the width of the hidden states.
    - ``pooled_key``: the same for the one vector that a CLIP encoder in ``text_encoder_2`` makes of the whole prompt,
      where the model wants it.
    """

    encoder: str
    length: int
    length_key: str | None = None
    clean: Literal["none", "tidy", "lower"] = "none"
    encoder_sees_mask: bool = False
    padding: Literal["hidden", "zero", "cut"] = "hidden"
    denoiser_sees_mask: bool = False
    layer: int | None = None
    template: str = "{}"
    crop: int = 0
    width_key: str
    pooled_key: str | None = None

    def tokens(self, denoiser: Mapping[str, Any]) -> int:
        """The length for a denoiser of this configuration."""
        return int(denoiser[self.length_key]) if self.length_key else self.length

    def blank(self, denoiser: Mapping[str, Any], device: torch.device) -> Embedding:
        """An embedding of the right sizes, without content."""
        length = self.tokens(denoiser)
        return Embedding(
            tokens=torch.empty(1, length, denoiser[self.width_key], device=device),
            mask=torch.ones(1, length, dtype=torch.int64, device=device) if self.denoiser_sees_mask else None,
            pooled=torch.empty(1, denoiser[self.pooled_key], device=device) if self.pooled_key else None,
        )
