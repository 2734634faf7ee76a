"""`TextRule`: how a family of models turns a prompt into the hidden states that its denoiser attends to."""

from typing import Final, Literal, final

import attrs

from invsolve.errors import CapabilityError

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
    - ``pooled``: a CLIP encoder in ``text_encoder_2`` gives one vector for the whole prompt.
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
    pooled: bool = False


RULES: Final = {
    "cogvideox": TextRule(encoder="T5EncoderModel", length=226, length_key="max_text_seq_length"),
    "unet3d": TextRule(encoder="CLIPTextModel", length=77),
    "animatediff": TextRule(encoder="CLIPTextModel", length=77),
    "wan": TextRule(encoder="UMT5EncoderModel", length=512, clean="tidy", encoder_sees_mask=True, padding="zero"),
    "ltx": TextRule(encoder="T5EncoderModel", length=128, denoiser_sees_mask=True),
    "mochi": TextRule(encoder="T5EncoderModel", length=256, encoder_sees_mask=True, denoiser_sees_mask=True),
    "latte": TextRule(encoder="T5EncoderModel", length=120, clean="lower", encoder_sees_mask=True, padding="cut"),
    "hunyuan": TextRule(
        encoder="LlamaModel",
        length=256,
        encoder_sees_mask=True,
        denoiser_sees_mask=True,
        layer=-3,
        template=HUNYUAN_TEMPLATE,
        crop=95,
        pooled=True,
    ),
}
"""By the name of the family. Read in the pipelines of diffusers 0.42.1."""


def rule_of(family: str) -> TextRule:
    """The rule of a family; raises `CapabilityError` for one that has none."""
    if family not in RULES:
        raise CapabilityError(f"there is no rule for prompts of the family {family!r}; known: {', '.join(RULES)}.")
    return RULES[family]
