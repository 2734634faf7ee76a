"""`Placement`: where the parts of a model compute, in which precision, and what they keep for the gradient."""

from typing import Literal, final

import attrs

from invsolve.validators import one_of, optional, whole

Precision = Literal["float64", "float32", "bfloat16", "float16"]
DecoderCheckpointing = Literal["none", "chunk", "inner"]

_PRECISIONS = ("float64", "float32", "bfloat16", "float16")


@final
@attrs.frozen(kw_only=True)
class Placement:
    """Device, precision and memory policy of the denoiser and of the decoder.

    - ``denoiser_device, decoder_device``: ``cpu``, ``cuda:1``, ...; None: where the latent is.
    - ``denoiser_dtype, decoder_dtype``: of the weights; None: that of the latent. The state stays as it is.
    - ``denoiser_checkpointing``: compute the denoiser's blocks again in the backward pass. Exact.
    - ``decoder_checkpointing``: ``chunk`` keeps one chunk of frames at a time, ``inner`` one block of one chunk. Exact.
    - ``decoder_frames``: frames in a chunk of decoders that decode frames alone; the others have their own chunks.
    - ``tiling``: decode in overlapping tiles: less memory, but another function, with seams and another gradient.
    - ``compile``: compile the denoiser with `torch.compile`.

    ```python
    Placement(denoiser_dtype="bfloat16", denoiser_checkpointing=True)
    ```
    ```yaml
    placement: {denoiser_dtype: bfloat16, denoiser_checkpointing: true}
    ```
    """

    denoiser_device: str | None = None
    decoder_device: str | None = None
    denoiser_dtype: Precision | None = attrs.field(default=None, validator=optional(one_of(_PRECISIONS)))
    decoder_dtype: Precision | None = attrs.field(default=None, validator=optional(one_of(_PRECISIONS)))
    denoiser_checkpointing: bool = False
    decoder_checkpointing: DecoderCheckpointing = attrs.field(
        default="chunk", validator=one_of(("none", "chunk", "inner"))
    )
    decoder_frames: int = attrs.field(default=1, validator=whole(least=1))
    tiling: bool = False
    compile: bool = False
