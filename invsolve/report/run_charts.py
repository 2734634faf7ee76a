"""The charts of a run: what the sampler traced, PSNR by frame, ranks and coverage of the truth."""

from collections.abc import Iterator
from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.posterior.time_direction import turned
from invsolve.report.chart import Chart, Series
from invsolve.report.content import RunContent

MOST_POINTS: Final = 400
MOST_NAMED: Final = 6
LEAST_COVERED: Final = 4  # samples, from which on a curve has more than one point
WORDS: Final = {"misfit": "root mean square of y − A(x)", "gradient_norm": "length of the gradient"}


def charts(content: RunContent) -> tuple[Chart, ...]:
    """Those that the run has numbers for."""
    return (*_traces(content), *_frames(content), *_ranks(content))


def _traces(content: RunContent) -> Iterator[Chart]:
    for name, values in sorted(content.trace.items(), key=lambda item: item[0] != "misfit"):
        steps = range(0, len(values), -(-len(values) // MOST_POINTS) or 1)
        rows = values.flatten(1)
        faint = rows.shape[1] > MOST_NAMED
        count = values.shape[2]
        series = tuple(
            Series(
                f"sample {content.samples[place // count]}" + (f", observation {place % count}" if count > 1 else ""),
                steps,
                [float(rows[step, place]) for step in steps],
                faint=faint,
            )
            for place in range(rows.shape[1])
        )
        known = rows[torch.isfinite(rows)]
        if known.numel() == 0:
            continue
        log = bool((known > 0).all()) and float(known.max()) > 30 * float(known.min())
        spoken = name.replace("_", " ")
        yield Chart(f"Trace: {spoken}", "step", WORDS.get(name, spoken), series, log=log)


def _frames(content: RunContent) -> Iterator[Chart]:
    truth = content.comparable_truth
    if truth is None or truth.shape[2] == 1:
        return
    reversible = bool(content.reversible.all())
    video = content.video.float()
    facing = turned(video, truth.to(video)) if reversible else video
    errors = (facing.double().clamp(0, 1) - truth.double().clamp(0, 1)).square().mean((2, 4, 5))
    ratios = (-10 * errors.log10()).mean(1)
    faint = len(ratios) > MOST_NAMED
    series = tuple(
        Series(f"sample {number}", range(len(row)), row.tolist(), faint=faint)
        for number, row in zip(content.samples, ratios, strict=True)
    )
    way = "In the better direction of time, which the observation does not tell." if reversible else ""
    yield Chart("PSNR of each frame", "frame", "PSNR [dB]", series, note=way)


def _ranks(content: RunContent) -> Iterator[Chart]:
    truth, count = content.comparable_truth, len(content.video)
    if truth is None or count < 2:
        return
    samples: Float[Tensor, "s b c t h w"] = content.video.float()
    ranks = (samples < truth.to(samples)).sum(0)
    shares = torch.bincount(ranks.flatten(), minlength=count + 1).double() / ranks.numel()
    yield Chart(
        "Rank of the truth among the samples",
        "number of samples below the truth",
        "share of all values",
        (Series("values", range(count + 1), shares.tolist()),),
        kind="bar",
        level=1 / (count + 1),
        level_name="if the truth were one of the samples",
        note="High at both ends: the samples are too sure. High in the middle: not sure enough. Neighbouring values "
        "are not independent, so that a single run shows a tendency, no proof.",
    )
    if count >= LEAST_COVERED:
        # the interval between the j-th smallest and the j-th largest sample holds the truth where its rank says so
        found = [
            ((count + 1 - 2 * j) / (count + 1), float(shares[j : count + 1 - j].sum()))
            for j in range(count // 2, 0, -1)
        ]
        nominal, observed = zip(*found, strict=True)
        yield Chart(
            "Coverage",
            "nominal share of an interval",
            "share of the truth within it",
            (Series("found", (0.0, *nominal), (0.0, *observed)), Series("due", (0.0, 1.0), (0.0, 1.0))),
            note="Below the line of what is due: too sure. Intervals are the central ones of the samples.",
        )
