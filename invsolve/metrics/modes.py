"""Metric `modes`: how many different explanations the samples are."""

from collections.abc import Mapping
from typing import Any, ClassVar, final

import attrs

from invsolve.metrics.metric import Metric, Values
from invsolve.metrics.reconstruction import Reconstruction
from invsolve.metrics.score import Score
from invsolve.posterior.modes import SIGNIFICANCE, modes
from invsolve.validators import number


@final
@attrs.frozen
class Modes(Metric):
    """Groups of samples that are alike, up to time reversal where the operator cannot tell a motion from its reverse.

    Gives ``mode``, the number of the group of each sample, the largest being 0, and for each mode its
    ``mode_0_weight``, the part of all samples in it, and ``mode_0_sample``, the place of the sample in its middle.
    Empty for one sample, and for several observations, whose modes are in `solution.nc`.

    Attributes:
        significance: the chance of cutting a group that is one; see `invsolve.posterior.modes`.

    Examples:
        ```python
        Modes().evaluate(reconstruction)["mode"]
        ```

        ```yaml
        metrics: [{use: modes}]
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{hamerly2003learning,\n"
        "  title = {Learning the k in k-means},\n"
        "  author = {Hamerly, Greg and Elkan, Charles},\n"
        "  booktitle = {Advances in Neural Information Processing Systems 16},\n  year = {2003}\n}",
        "@article{liu2008statistical,\n"
        "  title = {Statistical significance of clustering for high-dimension, low-sample size data},\n"
        "  author = {Liu, Yufeng and Hayes, David Neil and Nobel, Andrew and Marron, J. S.},\n"
        "  journal = {Journal of the American Statistical Association},\n  volume = {103},\n  number = {483},\n"
        "  pages = {1281--1293},\n  year = {2008}\n}",
    )

    scores: ClassVar[tuple[Score, ...]] = (Score("mode", "mode", decimals=0, tables=("run",)),)

    significance: float = attrs.field(default=SIGNIFICANCE, validator=[number(above=0.0), number(below=1.0)])

    def evaluate(self, reconstruction: Reconstruction) -> Values:
        """The mode of each sample, and the weight and the middle of each mode."""
        video = reconstruction.video
        if video.shape[0] < 2 or video.shape[1] > 1:
            return {}
        samples = video[:, 0]
        found = modes(samples, reversible=reconstruction.reversible, significance=self.significance)
        place = {member: n for n, mode in enumerate(found) for member in mode.members}
        values: dict[str, float | list[float]] = {"mode": [float(place[i]) for i in range(len(samples))]}
        for n, mode in enumerate(found):
            values |= {f"mode_{n}_weight": mode.weight, f"mode_{n}_sample": float(mode.representative)}
        return values

    @classmethod
    def sentences(cls, values: Mapping[str, Any]) -> tuple[str, ...]:
        """The number of modes, if several."""
        weights = [values[name] for number in range(len(values)) if (name := f"mode_{number}_weight") in values]
        if len(weights) < 2:
            return ()
        middles = ", ".join(
            f"{weight:.0%} around sample {values[f'mode_{number}_sample']:.0f}" for number, weight in enumerate(weights)
        )
        return (f"{len(weights)} modes: {middles}",)
