"""`Solution`: the samples of a posterior, and how the run that made them ended."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.posterior.modes import SIGNIFICANCE, Mode, modes
from invsolve.posterior.quantiles import quantiles
from invsolve.posterior.time_direction import one_direction
from invsolve.posterior.verdict import Verdict
from invsolve.solving.outcome import Outcome
from invsolve.video.space import VideoSpace

if TYPE_CHECKING:
    import xarray


@final
@attrs.frozen(eq=False)
class Solution:
    """The result of `solve`.

    A run that did not end well has one too (``RunFailed.solution``): NaN stands for what was never computed.

    Attributes:
        video: the samples, ``s b c t h w``, not clamped.
        latent: the same in the prior's latent space.
        outcome: how the run ended, and what to do if it did not end well; see ``message``.
        ending: how the run ended, and what to do if it did not end well; see ``message``.
        verdict: the operator's judgement of the samples, made once; ``chi_square`` and ``reversible`` are read from it.
        trace: one tensor ``steps s b`` for each quantity that the sampler records, such as ``misfit``, the root mean
            square of ``y - A(x)`` at each step.
        space: the space of one video.
        samples: the sample numbers along ``s``.
        seed: of their noise.
        seconds: solving time, wall clock.
        references: BibTeX of every part that was used.
    """

    video: Float[Tensor, "s b c t h w"]
    latent: Float[Tensor, "s b zc zt zh zw"]
    outcome: Outcome
    ending: str
    verdict: Verdict
    trace: Mapping[str, Float[Tensor, "steps s b"]]
    space: VideoSpace
    samples: tuple[int, ...]
    seed: int
    seconds: float
    references: tuple[str, ...]

    @property
    def message(self) -> str:
        """The end of the run, then the remarks of its verdict."""
        remarks = self.verdict.remarks
        return " ".join([f"{self.ending}.", *remarks]) if remarks else self.ending

    @property
    def chi_square(self) -> Float[Tensor, "s b"]:
        """For each sample and observation, the mean square of ``y - A(x)`` in units of the noise.

        It is about 1 where a sample explains the observation as well as its noise allows.
        """
        return self.verdict.chi_square

    @property
    def reversible(self) -> bool:
        """True if all samples, run backwards in time, would have given the same observation."""
        return bool(self.verdict.reversible.all())

    @property
    def mean(self) -> Float[Tensor, "b c t h w"]:
        """The mean over samples, an estimate of the posterior mean."""
        return self.video.mean(0)

    @property
    def std(self) -> Float[Tensor, "b c t h w"]:
        """The standard deviation over samples (unbiased variance): the uncertainty of each value; 0 for one sample."""
        return self.video.std(0) if self.video.shape[0] > 1 else torch.zeros_like(self.video[0])

    def quantiles(self, probabilities: Sequence[float]) -> Float[Tensor, "q b c t h w"]:
        """Quantiles over samples, value by value, interpolated linearly; `ComponentError` outside [0, 1]."""
        return quantiles(self.video, probabilities)

    @property
    def aligned(self) -> Float[Tensor, "s b c t h w"]:
        """The samples, turned to one direction of time where they are `reversible`: see `posterior.time_direction`.

        Where a motion and its reverse are as likely, the mean of both shows neither; that of aligned samples shows one.
        """
        return one_direction(self.video, self.reversible)

    def modes(self, *, significance: float = SIGNIFICANCE) -> tuple[tuple[Mode, ...], ...]:
        """For each observation, the groups of samples that are alike, up to reversal where they are `reversible`.

        Args:
            significance: the chance of cutting a group that is one; see `posterior.modes`.
        """
        return tuple(
            modes(self.video[:, row], self.samples, reversible=self.reversible, significance=significance)
            for row in range(self.video.shape[1])
        )

    def to_xarray(self) -> "xarray.Dataset":
        """A dataset with labelled axes that holds everything; attrs hold the run's facts.

        `video`, `mean`, `std`, `latent`, `chi_square` and the rest of the verdict, and the trace; from 19 samples on
        also `quantile` (5, 50, 95 %); of several, if they are finite, `mode` (which of the modes a sample belongs to,
        the largest being 0), `mode_representative` and, where they are reversible, `aligned_mean` and `aligned_std`.
        """
        from invsolve.solving.solution_labels import labelled

        return labelled(self)

    @classmethod
    def from_xarray(cls, dataset: "xarray.Dataset") -> "Solution":
        """The solution that `to_xarray` made a dataset of; raises `ReadError` for any other."""
        from invsolve.solving.solution_labels import facts_of

        return cls(**facts_of(dataset, "the dataset"))

    def save(self, path: str | Path) -> Path:
        """Write `to_xarray` as NetCDF, or as Zarr (consolidated) where the name ends in ``.zarr``.

        The file or folder appears whole or not at all.

        Raises:
            WriteError: if `path` exists, is named like another format, or its folder is missing or cannot be written.
            CapabilityError: for Zarr without its package.
            RunFailed: where the disk is full.
        """
        from invsolve.solving import solution_file

        path = Path(path)
        solution_file.check_name(path)
        solution_file.write(path, self.to_xarray())
        return path

    @classmethod
    def load(cls, path: str | Path) -> "Solution":
        """Read what `save` wrote, bit for bit, on the CPU.

        Raises:
            ReadError: for a file or folder that is missing, damaged, or no solution.
            CapabilityError: for Zarr without its package.
        """
        from invsolve.solving import solution_file
        from invsolve.solving.solution_labels import facts_of

        return cls(**facts_of(solution_file.read(Path(path)), str(path)))
