"""`TextRule`: how a family of models turns a prompt into the hidden states that its denoiser attends to."""

from collections.abc import Mapping
from typing import Any, Final, Literal, final

import attrs
import torch

from invsolve.errors import CapabilityError
from invsolve_diffusers.network.embedding import Embedding

HUNYUAN_TEMPLATE: Final = (
    "<|start_header_id|>system<|end_header_id|>\n\nDescribe the video by detailing the following aspects: "
    "1. The main content and theme of the video."
    "2. The color, shape, size, texture, quantity, text, and spatial relationships of the objects."
    "3. Actions, events, behaviors temporal relationships, physical movement changes of the objects."
    "4. background environment, light, style and atmosphere."
    "5. camera angles, movements, and transitions used in the video:<|eot_id|>"
    "<|start_header_id|>user<|end_header_id|>\n\n{}<|eot_id|>"
)


@final
@attrs.frozen(kw_only=True)
class TextRule:
    """What the pipeline of a family does with a prompt.

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


RULES: Final = {
    "cogvideox": TextRule(
        encoder="T5EncoderModel", length=226, length_key="max_text_seq_length", width_key="text_embed_dim"
    ),
    "unet3d": TextRule(encoder="CLIPTextModel", length=77, width_key="cross_attention_dim"),
    "animatediff": TextRule(encoder="CLIPTextModel", length=77, width_key="cross_attention_dim"),
    "wan": TextRule(
        encoder="UMT5EncoderModel",
        length=512,
        clean="tidy",
        encoder_sees_mask=True,
        padding="zero",
        width_key="text_dim",
    ),
    "ltx": TextRule(encoder="T5EncoderModel", length=128, denoiser_sees_mask=True, width_key="caption_channels"),
    "mochi": TextRule(
        encoder="T5EncoderModel",
        length=256,
        encoder_sees_mask=True,
        denoiser_sees_mask=True,
        width_key="text_embed_dim",
    ),
    "latte": TextRule(
        encoder="T5EncoderModel",
        length=120,
        clean="lower",
        encoder_sees_mask=True,
        padding="cut",
        width_key="caption_channels",
    ),
    "hunyuan": TextRule(
        encoder="LlamaModel",
        length=256,
        encoder_sees_mask=True,
        denoiser_sees_mask=True,
        layer=-3,
        template=HUNYUAN_TEMPLATE,
        crop=95,
        width_key="text_embed_dim",
        pooled_key="pooled_projection_dim",
    ),
}
"""By the name of the family. Read in the pipelines of diffusers 0.42.1."""


def rule_of(family: str) -> TextRule:
    """The rule of a family; raises `CapabilityError` for one that has none."""
    if family not in RULES:
        raise CapabilityError(f"there is no rule for prompts of the family {family!r}; known: {', '.join(RULES)}.")
    return RULES[family]
