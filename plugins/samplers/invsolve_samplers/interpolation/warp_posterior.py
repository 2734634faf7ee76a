"""`WarpPosterior`: one frame, given the next one that was warped from it."""

from typing import Literal, final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.motion.bilinear import look_up, splat
from invsolve.operator.conjugate_gradients import conjugate_gradients
from invsolve.randomness import Randomness
from invsolve_samplers.interpolation.grain import Grain

Solver = Literal["conjugate_gradients", "diagonal"]


@final
@attrs.frozen(eq=False)
class WarpPosterior:
    """``p(x | x')`` for ``x ~ N(mu, B)``, ``x' given x ~ N(A x + b, B')``; ``A = diag(w) W``, ``B``, ``B'`` diagonal.

        H = A^T B'^-1 A + B^-1,    h = A^T B'^-1 (x' - b) + B^-1 mu,    x given x' ~ N(H^-1 h, H^-1)

    ``W`` looks up pixels between pixels, ``A^T`` is the splat. A draw solves ``H x = h + A^T B'^-1/2 n' + B^-1/2 n``.

    Attributes:
        warp: the sources of ``W``.
        weight: ``w``.
        shift: ``b``.
        variance: ``B'``.
        centre: ``mu``.
        spread: ``B``.
        solver: ``conjugate_gradients``, or ``diagonal``, which puts the row sums of ``A^T B'^-1 A`` in place of that
            matrix: exact where ``W`` moves whole pixels, each one once.
        grain: of the noise that draws are made with. White draws have the law above. Others have its mean and, where
            ``W`` moves whole pixels, its standard deviations, and correlations between pixels besides.

    References:
        Conditioning of normal laws. The notebook that proposes this bridge has the two weights of the mean in its
        element-wise form exchanged; for ``W^T W = I``, ``w = 1 - l``, ``B = v I``, ``B' = v' I`` it is ``(v' mu + (1 -
        l) v W^T (x' - b)) / ((1 - l)^2 v + v')``. Draws: Papandreou and Yuille 2010.
    """

    warp: tuple[Tensor, Tensor]
    weight: Float[Tensor, "b 1 h w"]
    shift: Float[Tensor, "b c h w"]
    variance: Float[Tensor, "b 1 h w"]
    centre: Float[Tensor, "b c h w"]
    spread: Float[Tensor, "b 1 h w"]
    solver: Solver = "conjugate_gradients"
    grain: Grain = attrs.field(factory=Grain)

    def mean(self, following: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        """``H^-1 h``."""
        right = self._adjoint((following - self.shift) / self.variance) + self.centre / self.spread
        return self._solve(right)

    def sample(self, following: Float[Tensor, "b c h w"], rng: Randomness) -> Float[Tensor, "b c h w"]:
        """A draw; two draws of noise, one with the diagonal solver."""
        if self.solver == "diagonal":
            return self.mean(following) + self.grain.draw(following, rng) / self._diagonal().sqrt()
        ahead = (following - self.shift) / self.variance + self.grain.draw(following, rng) / self.variance.sqrt()
        here = self.centre / self.spread + self.grain.draw(following, rng) / self.spread.sqrt()
        return self._solve(self._adjoint(ahead) + here)

    def precision(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        """``H x``."""
        return self._adjoint(self.weight * look_up(x, self.warp) / self.variance) + x / self.spread

    def _adjoint(self, y: Tensor) -> Tensor:
        return splat(self.weight * y, self.warp)

    def _diagonal(self) -> Tensor:
        return self.precision(torch.ones_like(self.weight))

    def _solve(self, right: Tensor) -> Tensor:
        diagonal = self._diagonal()
        if self.solver == "diagonal":
            return right / diagonal
        # well conditioned by its diagonal part, so that a last digit costs little
        tolerance = 1e-14 if right.dtype == torch.float64 else None
        start = right / diagonal
        return conjugate_gradients(
            self.precision, right, start=start, tolerance=tolerance, precondition=lambda r: r / diagonal
        )
