"""`Verdict`: what the samples of a posterior are worth, judged once."""

from typing import final

import attrs
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from invsolve.noise import Noise
from invsolve.operator import Operator
from invsolve.posterior.residual import advice, chi_square, consistent, diverged, seen_values
from invsolve.posterior.time_direction import TIME, indistinguishable


@final
@attrs.frozen(eq=False)
class Verdict:
    """The operator's judgement of samples, made once: solutions, metrics and figures all read it here.

    Attributes:
        chi_square: of each sample and observation, ``s b``; see `invsolve.posterior.residual`.
        diverged: for each of the ``b`` observations, whether any sample's residual is beyond all bounds, or NaN.
        reversible: for each observation, whether the operator gives *every* sample and its reverse in time the same
            observation, so that the samples' direction of time is not known. False for single frames.
        remarks: what a user should know of finished samples, each a whole sentence; empty where all is as it should be.
        count: the values that chi-square is a mean over, in the observation that has the fewest; None if not known.
    """

    chi_square: Float[Tensor, "s b"]
    diverged: Bool[Tensor, " b"]
    reversible: Bool[Tensor, " b"]
    remarks: tuple[str, ...] = ()
    count: int | None = None

    @classmethod
    def of(
        cls,
        video: Float[Tensor, "s b c t h w"],
        observation: Float[Tensor, "b c2 t2 h2 w2"],
        operator: Operator,
        noise: Noise,
        *,
        chunk: int | None = None,
    ) -> "Verdict":
        """Judge `video`, samples for each row of `observation`, under ``y = A(x) + noise``.

        It has no remarks yet: those are for samples that are finished. Raises what the operator raises for videos that
        it does not take, such as `SpaceError`.

        Args:
            chunk: videos shown to the operator at a time, at least 1; by default one sample of every observation.
        """
        samples, count = video.shape[:2]
        together = chunk or count
        rows = torch.arange(count, device=observation.device).repeat(samples)
        parts = [
            _judged(some.to(observation), observation[own], operator, noise)
            for some, own in zip(torch.split(video.flatten(0, 1), together), torch.split(rows, together), strict=True)
        ]
        squares, lost, same, seen = (torch.cat(each).reshape(samples, count) for each in zip(*parts, strict=True))
        return cls(squares, lost.any(0), same.all(0), count=int(seen.min()))

    @property
    def consistent(self) -> bool:
        """True if the samples explain the observation and leave its noise alone: a median chi-square near 1."""
        return consistent(self.chi_square, self.count)

    def with_remarks(self, of_sampler: tuple[str, ...]) -> "Verdict":
        """The same for finished samples: with the remarks of the residual test, then the sampler's."""
        return attrs.evolve(self, remarks=(*advice(self.chi_square, self.count), *of_sampler))

    def of_observation(self, row: int) -> "Verdict":
        """That of the samples of one observation, the same alone as among others; remarks are those of all."""
        own = slice(row, row + 1)
        return Verdict(self.chi_square[:, own], self.diverged[own], self.reversible[own], self.remarks, self.count)


def _judged(
    video: Float[Tensor, "n c t h w"],
    observation: Float[Tensor, "n c2 t2 h2 w2"],
    operator: Operator,
    noise: Noise,
) -> tuple[Float[Tensor, " n"], Bool[Tensor, " n"], Bool[Tensor, " n"], Int[Tensor, " n"]]:
    """Chi-square, whether it diverged, whether its reverse looks the same, and the values seen, of each video."""
    with torch.no_grad():
        mean = operator.forward(video)
        squares, lost = chi_square(observation, mean, noise), diverged(observation, mean)
        seen = seen_values(observation, mean).sum(1)
        if video.shape[TIME] == 1:
            return squares, lost, torch.zeros_like(lost), seen
        return squares, lost, indistinguishable(mean, operator.forward(video.flip(TIME)), noise), seen
