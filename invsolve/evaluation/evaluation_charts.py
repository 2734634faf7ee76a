"""The charts of an evaluation: PSNR frame by frame, and clip by clip."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from invsolve.evaluation.measures import OWN
from invsolve.evaluation.summary import Summary
from invsolve.report.chart import Chart, Series

FRAMES, CLIPS = "psnr_frames_best_direction", "psnr_best_direction"
QUARTILES: Final = (0.25, 0.5, 0.75)


def charts(summary: Summary) -> tuple[Chart, ...]:
    """Those that the clips have numbers for."""
    return (*_frames(summary), *_clips(summary))


def _frames(summary: Summary) -> Iterator[Chart]:
    series = []
    for of in summary.subjects:
        found = [clip[of][FRAMES] for clip in summary.clips.values() if FRAMES in clip.get(of, {})]
        frames = {each.shape[-1] for each in found}
        if len(frames) != 1 or frames == {1}:
            continue
        rows = np.stack([each.reshape(-1, each.shape[-1]).mean(0) for each in found])
        low, median, high = np.quantile(rows, QUARTILES, axis=0, method="nearest")
        band = {"low": low.tolist(), "high": high.tolist()} if of == OWN else {}
        series.append(Series(of or "samples", range(len(median)), median.tolist(), **band))
    if series:
        note = "Medians over clips, in the better direction of time; the band holds the middle half of the clips."
        yield Chart("PSNR of each frame", "frame", "PSNR [dB]", tuple(series), note=note)


def _clips(summary: Summary) -> Iterator[Chart]:
    order = summary.ranked()
    if len(order) < 2 or not summary.values(OWN, CLIPS):
        return
    series = []
    for of in summary.subjects:
        values = [summary.clips[name].get(of, {}).get(CLIPS) for name in order]
        means = [float("nan") if each is None else float(np.mean(each)) for each in values]
        if np.isfinite(means).any():
            series.append(Series(of or "samples", range(1, len(order) + 1), means))
    note = "Baselines stand at the place of the same clip, so that what lies below the line is a gain on that clip."
    yield Chart("PSNR of each clip", "clip, the best first", "PSNR [dB]", tuple(series), note=note)
