"""`choose`: the fastest placement that fits, or why none does."""

from collections.abc import Callable
from math import prod
from typing import Final, Literal, final

import attrs
import torch

from invsolve.errors import CapabilityError
from invsolve_diffusers.checkpoint import Checkpoint, Module
from invsolve_diffusers.estimate import Estimate, Estimator, LatentShape, PartEstimate
from invsolve_diffusers.memory_available import available_bytes
from invsolve_diffusers.memory_meter import TooMuch
from invsolve_diffusers.placement import DecoderCheckpointing, Placement

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

    Weights are bfloat16 on a GPU where `placement` names no precision and the latent is float32. What is picked is the
    checkpointing of both parts; devices, precisions and the rest stay as they are written.

    - ``latent``: ``b c t h w``, all samples in flight.

    Raises `CapabilityError` where nothing fits, with what each part takes and what would help.
    """
    placement = with_precisions(placement, device, dtype)
    estimator = Estimator(checkpoint, latent, device, dtype)
    if _roomy(estimator, placement):
        return _rung(placement, *LADDER[0])
    choice = pick(estimator, placement, available_bytes)
    if not choice.fits:
        raise CapabilityError(advice(estimator, choice, available_bytes))
    return choice.placement


def with_precisions(placement: Placement, device: torch.device, dtype: torch.dtype) -> Placement:
    """bfloat16 where nothing is said, the latent is float32 and the part is on a GPU."""

    def precision(word: str | None, at: str | None) -> str | None:
        on_gpu = torch.device(at or device).type == "cuda"
        return "bfloat16" if word is None and on_gpu and dtype == torch.float32 else word

    return attrs.evolve(
        placement,
        denoiser_dtype=precision(placement.denoiser_dtype, placement.denoiser_device),
        decoder_dtype=precision(placement.decoder_dtype, placement.decoder_device),
    )


def pick(estimator: Estimator, placement: Placement, available: Available) -> Choice:
    """The first rung of the `LADDER` that fits; the last where none does."""
    counted: dict[tuple[Module, bool | str], PartEstimate] = {}

    def part(name: Module, setting: bool | str, rung: Placement, most: int | None) -> PartEstimate:
        if (name, setting) not in counted:
            counted[name, setting] = estimator.part(name, rung, most)
        return counted[name, setting]

    def choice(denoiser: bool, decoder: DecoderCheckpointing, limited: bool) -> Choice:
        rung = _rung(placement, denoiser, decoder)
        most: dict[Module, int | None] = {"denoiser": None, "decoder": None}
        if limited:
            most = {name: available(estimator.place(name, rung)[0]) for name in most}
        estimate = Estimate(
            part("denoiser", denoiser, rung, most["denoiser"]),
            part("decoder", decoder, rung, most["decoder"]),
            estimator.state_bytes,
            estimator.device,
        )
        fits = all(held <= available(torch.device(name)) for name, held in estimate.by_device.items())
        return Choice(rung, estimate, fits)

    smallest = choice(*LADDER[-1], False)
    if not smallest.fits:
        return smallest
    for rung in LADDER[:-1]:
        try:
            found = choice(*rung, True)
        except TooMuch:
            continue
        if found.fits:
            return found
    return smallest


def advice(estimator: Estimator, choice: Choice, available: Available) -> str:
    """Why nothing fits, and what would."""
    estimate, (count, _, t, h, w) = choice.estimate, estimator.latent
    name = max(estimate.by_device, key=lambda each: estimate.by_device[each] - available(torch.device(each)))
    held, room = estimate.by_device[name], available(torch.device(name))
    fixed = sum(part.weights_bytes for part in (estimate.denoiser, estimate.decoder) if str(part.device) == name)
    shrinks = estimator.checkpoint.family.shrinks(estimator.checkpoint.configs)
    help_: list[str] = []
    if count > 1:
        help_.append(f"fewer samples at a time (`chunk: 1`; now {count})")
    share = (room - fixed) / (held - fixed)
    if share > 0:
        help_.append(
            f"about {share:.0%} of the {h * shrinks} x {w * shrinks} pixels at as many frames, or fewer frames (now "
            f"{t} in the latent)"
        )
    if any(part.dtype.itemsize > 2 for part in (estimate.denoiser, estimate.decoder)):
        help_.append("weights in half precision (`placement: {denoiser_dtype: bfloat16, decoder_dtype: bfloat16}`)")
    if estimate.denoiser.device == estimate.decoder.device:
        help_.append("a second device for the decoder (`placement: {decoder_device: cuda:1}`)")
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


def _rung(placement: Placement, denoiser: bool, decoder: DecoderCheckpointing) -> Placement:
    return attrs.evolve(placement, denoiser_checkpointing=denoiser, decoder_checkpointing=decoder)


def _roomy(estimator: Estimator, placement: Placement) -> bool:
    """Whether it fits beyond doubt, by a bound that takes no time: small models, small clips."""
    latent = prod(estimator.latent) * estimator.dtype.itemsize
    weights = 0
    parts: tuple[Literal["denoiser", "decoder"], ...] = ("denoiser", "decoder")
    for part in parts:
        weights += 8 * sum(each.numel() for each in estimator.checkpoint.build(part, torch.float32).parameters())
    rooms = {estimator.place(part, placement)[0] for part in parts}
    return all(BOUND * latent + weights < available_bytes(room) for room in rooms)
