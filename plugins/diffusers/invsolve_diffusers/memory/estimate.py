"""`estimate`: the memory that a guided step takes, before any weight is loaded."""

from collections.abc import Callable
from functools import cached_property
from typing import Final, TypeVar, final

import attrs
import torch
from torch import Tensor, nn

from invsolve.errors import CapabilityError
from invsolve_diffusers.checkpoint import Checkpoint, Module
from invsolve_diffusers.memory.profile import Profile, Run, profile, retained
from invsolve_diffusers.network import engine
from invsolve_diffusers.network.placement import Placement
from invsolve_diffusers.network.untold import blank

T = TypeVar("T")
LatentShape = tuple[int, int, int, int, int]
STATE_LATENTS: Final = 6  # the state, the prediction, the gradient, noise
STATE_VIDEOS: Final = 4  # observation and residual at most, the cotangent and one video inside of the operator
META: Final = torch.device("meta")


@final
@attrs.frozen
class PartEstimate:
    """The memory of one part.

    Attributes:
        parameters: how many.
        weights_bytes: in its precision.
        device: where and in which precision it computes.
        dtype: where and in which precision it computes.
        profile: of one differentiated call under the placement.
    """

    parameters: int
    weights_bytes: int
    device: torch.device
    dtype: torch.dtype
    profile: Profile

    @property
    def retained_bytes(self) -> int:
        """Kept from the forward to the backward pass."""
        return self.profile.retained

    @property
    def peak_bytes(self) -> int:
        """Of this part alone, with its weights."""
        return self.weights_bytes + max(self.profile.forward, self.profile.backward)


@final
@attrs.frozen
class Estimate:
    """The memory of one guided step: a prediction, its decoding, and the gradient back through both.

    The decoder runs forward and back while the denoiser's graph is held; then the denoiser goes back alone.

    Attributes:
        denoiser: the parts.
        decoder: the parts.
        state_bytes: latents and videos of the sampler, of the observation and inside of the operator.
        state_device: where these are.
    """

    denoiser: PartEstimate
    decoder: PartEstimate
    state_bytes: int
    state_device: torch.device

    @cached_property
    def by_device(self) -> dict[str, int]:
        """The most bytes that each device holds."""
        held = {str(self.state_device): self.state_bytes}
        for part in (self.denoiser, self.decoder):
            held[str(part.device)] = held.get(str(part.device), 0) + part.weights_bytes
        denoiser, decoder = self.denoiser.profile, self.decoder.profile
        busiest = max(decoder.forward, decoder.backward)
        if self.denoiser.device == self.decoder.device:
            held[str(self.denoiser.device)] += max(denoiser.forward, denoiser.retained + busiest, denoiser.backward)
        else:
            held[str(self.denoiser.device)] += max(denoiser.forward, denoiser.backward)
            held[str(self.decoder.device)] += busiest
        return held

    @property
    def peak_bytes(self) -> int:
        """The most bytes on the device that holds most."""
        return max(self.by_device.values())

    @property
    def operations(self) -> int:
        """Floating-point operations of the step, with what is computed again."""
        return self.denoiser.profile.operations + self.decoder.profile.operations


@final
@attrs.frozen(eq=False)
class Estimator:
    """Runs a checkpoint's own architecture on meta tensors, forward and back, and counts.

    Attention counts as fused kernels do it. No file of weights is needed; for published checkpoints no file at all.

    Attributes:
        checkpoint: whose configs say what to build.
        latent: ``b c t h w``, all samples in flight.
        device: of the latent.
        dtype: of the latent.
        calls: of the denoiser for each prediction, 2 under classifier-free guidance.
        shift: of a rectified flow, in place of the checkpoint's own.
    """

    checkpoint: Checkpoint
    latent: LatentShape
    device: torch.device
    dtype: torch.dtype = torch.float32
    calls: int = 1
    shift: float | None = None

    def estimate(self, placement: Placement) -> Estimate:
        """The whole step."""
        denoiser, decoder = self.part("denoiser", placement), self.part("decoder", placement)
        return Estimate(denoiser, decoder, self.state_bytes, self.device)

    def part(self, part: Module, placement: Placement, most: int | None = None) -> PartEstimate:
        """One part.

        Raises:
            TooMuch: as soon as more than `most` bytes are held besides its weights.
            CapabilityError: for networks that do not run on meta tensors.
        """
        device, dtype = self.place(part, placement)
        network = self.checkpoint.build(part, dtype)
        parameters = list(network.parameters())
        return PartEstimate(
            parameters=sum(each.numel() for each in parameters),
            weights_bytes=sum(each.numel() * each.element_size() for each in (*parameters, *network.buffers())),
            device=device,
            dtype=dtype,
            profile=self._counted(lambda: profile(self._run(part, network, placement), self._z, device.type, most)),
        )

    def plain_bytes(self, part: Module, placement: Placement) -> int:
        """The memory that the part would retain without checkpointing."""
        plain = attrs.evolve(placement, denoiser_checkpointing=False, decoder_checkpointing="none")
        device, dtype = self.place(part, plain)
        network = self.checkpoint.build(part, dtype)
        return self._counted(lambda: retained(self._run(part, network, plain), self._z, device.type))

    def place(self, part: Module, placement: Placement) -> tuple[torch.device, torch.dtype]:
        """Device and precision of a part."""
        denoiser = part == "denoiser"
        device = placement.denoiser_device if denoiser else placement.decoder_device
        word = placement.denoiser_dtype if denoiser else placement.decoder_dtype
        dtype: torch.dtype = getattr(torch, word) if word else self.dtype
        return torch.device(device or self.device), dtype

    @cached_property
    def state_bytes(self) -> int:
        """Latents and videos that are held besides the parts."""
        family, configs = self.checkpoint.family, self.checkpoint.configs
        count, _, t, h, w = self.latent
        frames = family.frames(configs).frames(t - family.pads(configs))
        video = family.colours(configs) * count * frames * h * w * family.downsampling(configs) ** 2
        return (STATE_LATENTS * self._z.numel() + STATE_VIDEOS * video) * self.dtype.itemsize

    @cached_property
    def _z(self) -> Tensor:
        return torch.empty(self.latent, dtype=self.dtype, device=META)

    def _counted(self, count: Callable[[], T]) -> T:
        try:
            return count()
        except (RuntimeError, NotImplementedError) as error:
            said = " ".join(str(error).split())[:200]
            raise CapabilityError(
                f"the memory of {self.checkpoint.family.title} cannot be estimated: it does not run on meta tensors "
                f"({said}). Write `memory: given` and a `placement` of your own."
            ) from error

    def _run(self, part: Module, network: nn.Module, placement: Placement) -> Run:
        """The part as a function of the latent, with its switches set."""
        family, configs = self.checkpoint.family, self.checkpoint.configs
        if part == "decoder":
            engine.prepare_decoder(family, network, placement)
            return lambda z: engine.decode(family, configs, network, z, placement)
        engine.prepare_denoiser(family, network, placement, self.latent[1:])
        level = family.noise.schedule(configs.scheduler, self.shift).levels(2, "trailing")[0]
        text = blank(family, configs, META)
        channels = family.conditioning_channels(configs)

        def predict(z: Tensor) -> Tensor:
            many = torch.cat([z] * self.calls) if self.calls > 1 else z
            conditioning = many.new_empty(len(many), channels, *many.shape[2:]) if channels else None
            return engine.denoise(family, configs, network, many, level, text, conditioning).z0

        return predict
