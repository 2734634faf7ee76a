"""The rows of a clip's figure: samples in both directions of time, their mean and spread, the truth, the errors."""

import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.figures.display import for_display
from invsolve.figures.strip import Strip
from invsolve.metrics.psnr import psnr
from invsolve.metrics.reconstruction import Reconstruction
from invsolve.posterior.time_direction import aligned, turned


def pair_of_samples(reconstruction: Reconstruction, observation: int) -> tuple[int, int | None, bool]:
    """A sample that runs like the truth (else the first), another, and whether that one runs the other way in time.

    The other one runs the other way if any does and the observation does not tell the direction; None for one sample.
    """
    video = reconstruction.video[:, observation : observation + 1]
    if len(video) == 1:
        return 0, None, False
    if not reconstruction.reversible:
        return 0, 1, False
    truth = reconstruction.comparable_truth
    first = 0
    if truth is not None:
        first = next(iter(_facing(video, truth[observation : observation + 1])), 0)
    same = _facing(video, video[first])
    other = next((number for number in range(len(video)) if number not in same), None)
    if other is not None:
        return first, other, True
    return first, (first + 1) % len(video), False


def clip_strips(reconstruction: Reconstruction, observation: int) -> list[Strip]:
    """The rows for one observation; PSNR in the better direction of time where the observation does not tell it."""
    transfer = reconstruction.space.transfer
    first, second, reverse = pair_of_samples(reconstruction, observation)
    samples = reconstruction.video[:, observation : observation + 1]
    known = reconstruction.comparable_truth
    truth = None if known is None else known[observation : observation + 1]

    def facing(video: Float[Tensor, "1 c t h w"]) -> Float[Tensor, "1 c t h w"]:
        return turned(video[None], truth)[0] if reconstruction.reversible and truth is not None else video

    def pictures(name: str, video: Float[Tensor, "1 c t h w"]) -> Strip:
        ratio = "" if truth is None else f"\n{psnr(facing(video), truth):.1f} dB"
        return Strip(name + ratio, for_display(video[0], transfer))

    strips = [pictures(f"sample {first}", samples[first])]
    if second is not None:
        name = f"sample {second}" + (",\nother way" if reverse else "")
        strips.append(pictures(name, samples[second]))
    mean = samples[first]
    if len(samples) > 1:
        together = turned(aligned(samples), samples[first]) if reconstruction.reversible else samples
        mean = together.mean(0)
        strips.append(pictures(f"mean of {len(samples)}", mean))
        spread = together.std(0)[0].square().mean(0, keepdim=True).sqrt()
    if reconstruction.truth is not None and reconstruction.truth_space is not None:
        light = reconstruction.truth_space.transfer
        strips.append(Strip("truth", for_display(reconstruction.truth[observation], light)))
    if len(samples) > 1:
        strips.append(Strip("std of samples", spread, map=True))
    if truth is not None:
        error = (facing(mean) - truth)[0].square().mean(0, keepdim=True).sqrt()
        strips.append(Strip("error of mean" if len(samples) > 1 else "error", error, map=True))
    return strips


def _facing(video: Float[Tensor, "s 1 c t h w"], reference: Float[Tensor, "1 c t h w"]) -> list[int]:
    """True for each sample that runs like the reference."""
    pairs = zip(turned(video, reference), video, strict=True)
    return [number for number, (way, own) in enumerate(pairs) if torch.equal(way, own)]
