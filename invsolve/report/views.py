"""What one observation of a run looks like: its shots, its motion, and what is ambiguous about it."""

from collections.abc import Sequence
from typing import Final, final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.figures.display import for_display
from invsolve.metrics.psnr import psnr
from invsolve.posterior.time_direction import TIME, aligned, turned
from invsolve.report.content import RunContent
from invsolve.report.shot import Shot

MOST_SAMPLES: Final = 4
OBSERVED, MEAN, TRUTH = "observed", "mean", "truth"
TALL: Final = 0.5  # height of a slice through time, in its widths


@final
@attrs.frozen(eq=False)
class Views:
    """One observation.

    Attributes:
        shots: the observation, samples (one of each mode and direction of time first), mean, truth, and maps.
        slices: one row of the picture through time, time running downwards; empty for stills.
        row: its number.
        forward: for each sample, whether it runs in time as the first does; empty where the direction is known.
        modes: the weight of each mode and the name of its middle sample; empty where there is one.
    """

    shots: tuple[Shot, ...]
    slices: tuple[Shot, ...]
    row: int
    forward: tuple[bool, ...]
    modes: tuple[tuple[float, str], ...]


def views(content: RunContent, observation: int) -> Views:
    """Choose and prepare what is shown of one observation of `content`."""
    own = slice(observation, observation + 1)
    samples = content.video[:, own].float()
    reversible = bool(content.reversible[observation]) and samples.shape[3] > 1
    together = aligned(samples) if reversible else samples
    forward = tuple(torch.equal(*pair) for pair in zip(samples, together, strict=True)) if reversible else ()
    found = _modes(content) if content.video.shape[1] == 1 else ()
    known = content.comparable_truth
    truth = None if known is None else known[own].to(samples)
    order = _order(len(samples), forward, [place for _, place in found])
    if forward and not forward[order[0]]:
        together = together.flip(TIME)
    mean = together.mean(0)
    shots = [Shot(OBSERVED, for_display(content.observed[observation], content.observed_space.transfer))]
    if content.truth is not None and content.truth_space is not None:
        shots.append(Shot(TRUTH, for_display(content.truth[observation], content.truth_space.transfer)))
    if len(samples) > 1:
        ratio = _known(content, "psnr_mean_of_samples" if reversible else "psnr_mean")
        ratio = _ratio(mean, truth, reversible) if ratio is None else ratio
        shots.append(Shot(MEAN, _shown(mean, content), ratio or f"of {len(samples)} samples"))
    shots += [_sample(content, samples, place, truth, forward) for place in order[:MOST_SAMPLES]]
    if len(samples) > 1:
        spread = ((together - mean).square().sum(0) / (len(samples) - 1))[0].mean(0, keepdim=True).sqrt()
        shots.append(Shot("standard deviation", spread, f"of {len(samples)} samples", map=True))
    if truth is not None:
        error = (_facing(mean, truth, reversible) - truth)[0].square().mean(0, keepdim=True).sqrt()
        shots.append(Shot("error of mean" if len(samples) > 1 else "error", error, "root mean square", map=True))
    row = int(mean[0].std(1, correction=0).mean((0, 2)).argmax()) if samples.shape[3] > 1 else 0
    moving = [shot for shot in shots if not shot.map and shot.video.shape[1] > 1 and shot.video.shape[2] > row]
    slices = [Shot(shot.name, _through_time(shot.video, row)) for shot in moving]
    names = tuple((weight, _name(content, place)) for weight, place in found)
    return Views(tuple(shots), tuple(slices), row, forward, names if len(names) > 1 else ())


def _modes(content: RunContent) -> tuple[tuple[float, int], ...]:
    """Weight and middle sample of each mode, by the metric `modes`."""
    found: list[tuple[float, int]] = []
    while isinstance(weight := content.values.get(f"mode_{len(found)}_weight"), int | float):
        found.append((float(weight), int(content.values[f"mode_{len(found)}_sample"])))
    return tuple(found)


def _order(count: int, forward: Sequence[bool], middles: Sequence[int]) -> list[int]:
    """All samples: the middles of modes, then one of the other direction of time, then the rest."""
    first = middles[0] if middles else 0
    other = [place for place, same in enumerate(forward) if same != forward[first]][:1]
    return [place for place in dict.fromkeys([first, *middles, *other, *range(count)]) if place < count]


def _name(content: RunContent, place: int) -> str:
    return f"sample {content.samples[place]}"


def _sample(
    content: RunContent,
    samples: Float[Tensor, "s 1 c t h w"],
    place: int,
    truth: Tensor | None,
    forward: Sequence[bool],
) -> Shot:
    video = samples[place]
    known = _known(content, "psnr_best_direction" if forward else "psnr", place)
    notes = [_ratio(video, truth, bool(forward)) if known is None else known]
    if forward and any(forward) != all(forward):
        notes.append("runs one way" if forward[place] else "runs the other way")
    return Shot(_name(content, place), _shown(video, content), ", ".join(filter(None, notes)))


def _shown(video: Float[Tensor, "1 c t h w"], content: RunContent) -> Float[Tensor, "c t h w"]:
    return for_display(video[0], content.space.transfer)


def _facing(video: Tensor, truth: Tensor, reversible: bool) -> Tensor:
    return turned(video[None], truth)[0] if reversible else video


def _known(content: RunContent, name: str, place: int | None = None) -> str | None:
    """A PSNR that the metrics of a run of one observation measured already; None where they did not."""
    value = content.values.get(name) if content.video.shape[1] == 1 else None
    if place is not None:
        value = value[place] if isinstance(value, list) and place < len(value) else None
    return f"{value:.1f} dB" if isinstance(value, float) else None


def _ratio(video: Tensor, truth: Tensor | None, reversible: bool) -> str:
    return "" if truth is None else f"{psnr(_facing(video, truth, reversible), truth):.1f} dB"


def _through_time(video: Float[Tensor, "c t h w"], row: int) -> Float[Tensor, "c 1 t2 w"]:
    line = video[:, :, row]
    times = max(1, round(TALL * line.shape[2] / line.shape[1]))
    return line.repeat_interleave(times, dim=1)[:, None]
