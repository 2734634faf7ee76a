"""`Placement`: where the parts of a model compute, in which precision, and what they keep for the gradient."""

from typing import Literal, final

import attrs

from invsolve.validators import literal, optional, whole

Precision = Literal["float64", "float32", "bfloat16", "float16"]
DecoderCheckpointing = Literal["none", "chunk", "inner"]
Memory = Literal["auto", "given"]


@final
@attrs.frozen(kw_only=True)
class Placement:
    """Device, precision and memory policy of the denoiser and of the decoder.

    What is None is chosen by the prior's ``memory: auto``; under ``memory: given`` it has the value in brackets.

    Attributes:
        denoiser_device: ``cpu``, ``cuda:1``, ...; None: where the latent is.
        decoder_device: ``cpu``, ``cuda:1``, ...; None: where the latent is.
        denoiser_dtype: of the weights (that of the latent). The state stays as it is.
        decoder_dtype: of the weights (that of the latent). The state stays as it is.
        denoiser_checkpointing: compute the denoiser's blocks again in the backward pass (no). Exact.
        decoder_checkpointing: ``none`` keeps everything, ``chunk`` one chunk of frames at a time, ``inner`` one block
            of one chunk (chunk). Exact.
        decoder_frames: frames in a chunk of decoders that decode frames alone; the others have their own chunks.
        tiling: decode in overlapping tiles: less memory, but another function, with seams and another gradient.
        compile: compile the denoiser with `torch.compile`.

    Examples:
        ```python
        Placement(denoiser_dtype="bfloat16", denoiser_checkpointing=True)
        ```

        ```yaml
        placement: {denoiser_dtype: bfloat16, denoiser_checkpointing: true}
        ```
    """

    denoiser_device: str | None = None
    decoder_device: str | None = None
    denoiser_dtype: Precision | None = attrs.field(default=None, validator=optional(literal(Precision)))
    decoder_dtype: Precision | None = attrs.field(default=None, validator=optional(literal(Precision)))
    denoiser_checkpointing: bool | None = None
    decoder_checkpointing: DecoderCheckpointing | None = attrs.field(
        default=None, validator=optional(literal(DecoderCheckpointing))
    )
    decoder_frames: int = attrs.field(default=1, validator=whole(least=1))
    tiling: bool = False
    compile: bool = False

    def filled(self, denoiser: bool, decoder: DecoderCheckpointing) -> "Placement":
        """With checkpointing where none is named."""
        return attrs.evolve(
            self,
            denoiser_checkpointing=denoiser if self.denoiser_checkpointing is None else self.denoiser_checkpointing,
            decoder_checkpointing=decoder if self.decoder_checkpointing is None else self.decoder_checkpointing,
        )
