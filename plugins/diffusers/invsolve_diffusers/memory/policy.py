"""`choose`: the fastest placement that fits, or why none does."""

from collections.abc import Callable
from math import prod
from typing import Final, Literal, final

import attrs
import torch

from invsolve.errors import CapabilityError
from invsolve_diffusers.checkpoint import Checkpoint, Module
from invsolve_diffusers.memory.available import available_bytes
from invsolve_diffusers.memory.estimate import Estimate, Estimator, LatentShape, PartEstimate
from invsolve_diffusers.memory.meter import TooMuch
from invsolve_diffusers.network.placement import DecoderCheckpointing, Placement, Precision

Available = Callable[[torch.device], int]

LADDER: Final[tuple[tuple[bool, DecoderCheckpointing], ...]] = (
    (False, "none"),
    (False, "chunk"),
    (True, "chunk"),
    (False, "inner"),
    (True, "inner"),
)
"""Checkpointing of denoiser and decoder, the fastest first, the smallest last."""

BOUND: Final = 2**19  # bytes for each byte of the latent; no family takes a third of it, without any checkpoint
GIB: Final = 2**30


@final
@attrs.frozen
class Choice:
    """A placement, what it takes, and whether that fits."""

    placement: Placement
    estimate: Estimate
    fits: bool


def choose(
    checkpoint: Checkpoint, latent: LatentShape, device: torch.device, dtype: torch.dtype, placement: Placement
) -> Placement:
    """The fastest placement whose estimated peak fits the free memory of its devices.

    What `placement` names stays. Weights are bfloat16 on a GPU where it names no precision and the latent is float32;
    checkpointing, which is exact, is picked for speed.

    Args:
        latent: ``b c t h w``, all samples in flight.

    Raises:
        CapabilityError: where nothing fits, with what each part takes and what would help.
    """
    placement = with_precisions(placement, device, dtype)
    estimator = Estimator(checkpoint, latent, device, dtype)
    if _roomy(estimator, placement):
        return placement.filled(*LADDER[0])
    choice = pick(estimator, placement, available_bytes)
    if not choice.fits:
        raise CapabilityError(advice(estimator, choice, available_bytes))
    return choice.placement


def with_precisions(placement: Placement, device: torch.device, dtype: torch.dtype) -> Placement:
    """bfloat16 where nothing is said, the latent is float32 and the part is on a GPU."""

    def precision(word: Precision | None, at: str | None) -> Precision | None:
        on_gpu = torch.device(at or device).type == "cuda"
        return "bfloat16" if word is None and on_gpu and dtype == torch.float32 else word

    return attrs.evolve(
        placement,
        denoiser_dtype=precision(placement.denoiser_dtype, placement.denoiser_device),
        decoder_dtype=precision(placement.decoder_dtype, placement.decoder_device),
    )


def pick(estimator: Estimator, placement: Placement, available: Available) -> Choice:
    """The first rung of the `LADDER` that fits; the last where none does."""
    counted: dict[tuple[Module, bool | str | None], PartEstimate | None] = {}

    def part(name: Module, rung: Placement, limited: bool) -> PartEstimate:
        key = (name, rung.denoiser_checkpointing if name == "denoiser" else rung.decoder_checkpointing)
        if key not in counted:
            counted[key] = None
            most = available(estimator.place(name, rung)[0]) if limited else None
            counted[key] = estimator.part(name, rung, most)
        found = counted[key]
        if found is None:
            raise TooMuch
        return found

    def choice(rung: Placement, limited: bool) -> Choice:
        denoiser, decoder = part("denoiser", rung, limited), part("decoder", rung, limited)
        estimate = Estimate(denoiser, decoder, estimator.state_bytes, estimator.device)
        return Choice(rung, estimate, fits(estimate, available))

    smallest = choice(placement.filled(*LADDER[-1]), False)
    if not smallest.fits:
        return smallest
    for settings in LADDER[:-1]:
        try:
            found = choice(placement.filled(*settings), True)
        except TooMuch:
            continue
        if found.fits:
            return found
    return smallest


def fits(estimate: Estimate, available: Available) -> bool:
    """True if every device has room for what it would hold."""
    return all(held <= available(torch.device(name)) for name, held in estimate.by_device.items())


def advice(estimator: Estimator, choice: Choice, available: Available) -> str:
    """Why nothing fits, and what would."""
    estimate, (count, _, t, h, w) = choice.estimate, estimator.latent
    name = max(estimate.by_device, key=lambda each: estimate.by_device[each] - available(torch.device(each)))
    held, room = estimate.by_device[name], available(torch.device(name))
    fixed = sum(part.weights_bytes for part in (estimate.denoiser, estimate.decoder) if str(part.device) == name)
    downsampling = estimator.checkpoint.family.downsampling(estimator.checkpoint.configs)
    help_: list[str] = []
    if count > 1:
        help_.append(f"fewer samples at a time (`chunk: 1`; now {count})")
    share = (room - fixed) / (held - fixed)
    if share > 0:
        help_.append(
            f"about {share:.0%} of the {h * downsampling} x {w * downsampling} pixels at as many frames, or fewer "
            f"frames (now {t} in the latent)"
        )
    if any(part.dtype.itemsize > 2 for part in (estimate.denoiser, estimate.decoder)):
        help_.append("weights in half precision (`placement: {denoiser_dtype: bfloat16, decoder_dtype: bfloat16}`)")
    if estimate.denoiser.device == estimate.decoder.device:
        help_.append("a second device for the decoder (`placement: {decoder_device: cuda:1}`)")
    help_.append("a larger card")
    parts = "; ".join(
        f"{title}: weights {part.weights_bytes / GIB:.1f}, retained {part.retained_bytes / GIB:.1f}, alone at most "
        f"{part.peak_bytes / GIB:.1f}"
        for title, part in (("denoiser", estimate.denoiser), ("decoder", estimate.decoder))
    )
    return (
        f"one guided step of {estimator.checkpoint.path} takes about {held / GIB:.1f} GiB on {name} with every "
        f"checkpoint there is, and {room / GIB:.1f} GiB are free there ({parts} GiB). What would help: "
        f"{'; '.join(help_)}. To run it all the same, write `memory: given`."
    )


def _roomy(estimator: Estimator, placement: Placement) -> bool:
    """True if it fits beyond doubt, by a bound that takes no time: small models, small clips."""
    latent = prod(estimator.latent) * estimator.dtype.itemsize
    weights = 0
    parts: tuple[Literal["denoiser", "decoder"], ...] = ("denoiser", "decoder")
    for part in parts:
        weights += 8 * sum(each.numel() for each in estimator.checkpoint.build(part, torch.float32).parameters())
    rooms = {estimator.place(part, placement)[0] for part in parts}
    return all(BOUND * latent + weights < available_bytes(room) for room in rooms)
