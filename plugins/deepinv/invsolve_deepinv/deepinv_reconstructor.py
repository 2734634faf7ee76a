"""`as_reconstructor`: a prior and a sampler as deepinv's reconstructor."""

from typing import Any

from torch import Tensor

from invsolve.prior import Prior
from invsolve.sampler import Sampler
from invsolve.solving.loop import solve
from invsolve.validators import check_type, whole_number
from invsolve_deepinv.bridge.packing import Layout
from invsolve_deepinv.inward import problem_of
from invsolve_deepinv.library import library

_Reconstructor: Any = library().models.Reconstructor


class SamplerReconstructor(_Reconstructor):  # type: ignore[misc]  # deepinv has no types
    """``reconstructor(y, physics)``: the mean of samples of the posterior."""

    def __init__(
        self,
        prior: Prior,
        sampler: Sampler[Any],
        seed: int,
        samples: int,
        size: tuple[int, ...] | None,
        layout: Layout,
    ) -> None:
        super().__init__()
        self.prior, self.sampler, self.seed, self.samples = prior, sampler, seed, samples
        self.size, self.layout = size, layout

    def forward(self, y: Any, physics: Any, **kwargs: Any) -> Tensor:
        """The reconstruction of each measurement of a batch; `kwargs` are those of other reconstructors.

        Raises as `problem_of` and `solve` do.
        """
        del kwargs
        problem = problem_of(physics, y, self.prior, size=self.size, layout=self.layout)
        mean = solve(problem, self.sampler, seed=self.seed, samples=self.samples).mean
        return mean.squeeze(2) if self.layout == "frames" and mean.shape[2] == 1 else mean


def as_reconstructor(
    prior: Prior,
    sampler: Sampler[Any],
    *,
    seed: int = 0,
    samples: int = 1,
    size: tuple[int, ...] | None = None,
    layout: Layout = "frames",
) -> SamplerReconstructor:
    """A ``deepinv.models.Reconstructor``, so that ``deepinv.test`` and what else takes one can use it.

    Operator and noise are taken from the physics of each call.

    Args:
        samples: how many are averaged; one is a draw of the posterior.
        size: ``c h w`` (``c t h w``) of pictures where the physics does not name it.
        layout: whether deepinv's batch holds pictures or videos.

    Raises:
        ComponentError: for arguments of wrong types.
        PluginError: without deepinv.
    """
    check_type("the prior", prior, Prior)
    check_type("the sampler", sampler, Sampler)
    seed, samples = whole_number("seed", seed, least=0), whole_number("samples", samples, least=1)
    return SamplerReconstructor(prior, sampler, seed, samples, size, layout)
