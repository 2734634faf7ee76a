"""`estimate`: the memory that a guided step takes, before any weight is loaded."""

from functools import cached_property
from typing import Final, final

import attrs
import torch
from torch import Tensor

from invsolve_diffusers import engine
from invsolve_diffusers.checkpoint import Checkpoint, Module
from invsolve_diffusers.memory_profile import Profile, profile
from invsolve_diffusers.placement import Placement
from invsolve_diffusers.text_rule import rule_of

LatentShape = tuple[int, int, int, int, int]
STATE_LATENTS: Final = 6  # the state, the prediction, the gradient, noise
STATE_VIDEOS: Final = 4  # observation and residual at most, the cotangent and one video inside of the operator
META: Final = torch.device("meta")


@final
@attrs.frozen
class PartEstimate:
    """What one part takes.

    - ``parameters``: how many; ``weights_bytes``: in its precision.
    - ``device``, ``dtype``: where and in which precision it computes.
    - ``profile``: bytes of one differentiated call under the placement.
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
    """What one guided step takes: a prediction, its decoding, and the gradient back through both.

    The forward pass of the decoder runs while the denoiser's graph is held, and its backward pass too; then the
    denoiser goes back alone.

    - ``placement``: under which it was made.
    - ``denoiser, decoder``: the parts.
    - ``state_bytes``: latents and videos of the sampler, of the observation and inside of the operator.
    - ``state_device``: where these are.
    """

    placement: Placement
    denoiser: PartEstimate
    decoder: PartEstimate
    state_bytes: int
    state_device: torch.device

    @cached_property
    def by_device(self) -> dict[str, int]:
        """The most bytes that each device holds."""
        denoiser, decoder = self.denoiser.profile, self.decoder.profile
        found = {str(self.state_device): self.state_bytes}
        for part in (self.denoiser, self.decoder):
            found[str(part.device)] = found.get(str(part.device), 0) + part.weights_bytes
        if self.denoiser.device == self.decoder.device:
            held = denoiser.retained + max(decoder.forward, decoder.backward)
            found[str(self.denoiser.device)] += max(denoiser.forward, held, denoiser.backward)
            return found
        for part in (self.denoiser, self.decoder):
            found[str(part.device)] += max(part.profile.forward, part.profile.backward)
        return found

    @property
    def peak_bytes(self) -> int:
        """The most bytes on the device that holds most."""
        return max(self.by_device.values())


def estimate(
    checkpoint: Checkpoint,
    latent: LatentShape,
    device: torch.device,
    dtype: torch.dtype,
    placement: Placement,
    calls: int = 1,
) -> Estimate:
    """Run the checkpoint's own architecture on meta tensors, forward and back, and count.

    - ``latent``: ``b c t h w``, all samples in flight.
    - ``device, dtype``: of the latent.
    - ``calls``: of the denoiser for each prediction, 2 under classifier-free guidance.

    Attention counts as fused kernels do it. No file of weights is needed; for published checkpoints no file at all.
    """
    z = torch.empty(latent, dtype=dtype, device=META)
    denoiser = estimate_part(checkpoint, "denoiser", z, device, placement, calls)
    decoder = estimate_part(checkpoint, "decoder", z, device, placement)
    return Estimate(placement, denoiser, decoder, state_bytes(checkpoint, z), device)


def estimate_part(
    checkpoint: Checkpoint, part: Module, z: Tensor, device: torch.device, placement: Placement, calls: int = 1
) -> PartEstimate:
    """The same for one part."""
    at, dtype = placed(placement, part, device, z.dtype)
    network = checkpoint.build(part, dtype)
    family, configs = checkpoint.family, checkpoint.configs
    shape = (z.shape[1], z.shape[2], z.shape[3], z.shape[4])
    if part == "denoiser":
        engine.prepare_denoiser(family, network, placement, shape)
        schedule = family.schedule(configs.scheduler, None)
        level = schedule.levels(2, "trailing")[0]
        text = rule_of(family.name).blank(configs.denoiser, META)
        channels = family.beside(configs)

        def run(z: Tensor) -> Tensor:
            many = torch.cat([z] * calls) if calls > 1 else z
            beside = many.new_empty(len(many), channels, *many.shape[2:]) if channels else None
            said = engine.denoise(family, configs, network, many, schedule, level, text, beside)
            return said.z0
    else:
        engine.prepare_decoder(family, network, placement)

        def run(z: Tensor) -> Tensor:
            return engine.decode(family, configs, network, z, placement)

    counted = profile(run, z, at.type)
    parameters = list(network.parameters())
    return PartEstimate(
        parameters=sum(each.numel() for each in parameters),
        weights_bytes=sum(each.numel() * each.element_size() for each in (*parameters, *network.buffers())),
        device=at,
        dtype=dtype,
        profile=counted,
    )


def placed(
    placement: Placement, part: Module, device: torch.device, dtype: torch.dtype
) -> tuple[torch.device, torch.dtype]:
    """Where a part computes, for latents on a device and in a dtype."""
    name, word = (
        (placement.denoiser_device, placement.denoiser_dtype)
        if part == "denoiser"
        else (placement.decoder_device, placement.decoder_dtype)
    )
    precision: torch.dtype = getattr(torch, word) if word else dtype
    return torch.device(name or device), precision


def state_bytes(checkpoint: Checkpoint, z: Tensor) -> int:
    """Latents and videos that are held beside the parts."""
    shrinks = checkpoint.family.shrinks(checkpoint.configs)
    rule = checkpoint.family.frames(checkpoint.configs)
    frames = rule.frames(z.shape[2] - checkpoint.family.pads(checkpoint.configs))
    video = 3 * len(z) * frames * z.shape[3] * z.shape[4] * shrinks**2
    return (STATE_LATENTS * z.numel() + STATE_VIDEOS * video) * z.element_size()
