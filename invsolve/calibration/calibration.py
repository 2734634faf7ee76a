"""`Calibration`: the ranks of many simulated truths, and what they say."""

from functools import cached_property
from typing import Any, Final, final

import attrs
import numpy as np
from numpy.typing import NDArray

from invsolve.calibration.quantities import LIKELIHOOD
from invsolve.calibration.uniformity import CLEAR, Shape, Uniformity, uniformity

SIGNIFICANCE: Final = 0.01


@final
@attrs.frozen(eq=False, slots=False)
class Calibration:
    """The result of `calibrate`.

    Attributes:
        names: of the quantities.
        ranks: ``draws quantities``, each ``0 .. samples``.
        samples: of the posterior for each draw.
        exact: whether truths came from the prior's closed form; otherwise the sampler drew them.
    """

    names: tuple[str, ...]
    ranks: NDArray[np.int64]
    samples: int
    exact: bool

    @property
    def draws(self) -> int:
        """The number of ranked truths."""
        return len(self.ranks)

    @cached_property
    def tests(self) -> tuple[Uniformity, ...]:
        """One for each quantity."""
        return tuple(uniformity(column, self.samples) for column in self.ranks.T)

    @cached_property
    def p(self) -> tuple[float, ...]:
        """The p-value of each quantity, corrected for there being several (Holm 1979)."""
        single = np.array([test.p for test in self.tests])
        order = single.argsort()
        stepped = np.maximum.accumulate((len(single) - np.arange(len(single))) * single[order])
        corrected = np.empty_like(single)
        corrected[order] = stepped.clip(max=1.0)
        return tuple(float(p) for p in corrected)

    @property
    def calibrated(self) -> bool:
        """True if no quantity's ranks are uneven: no corrected p-value below 0.01."""
        return min(self.p) > SIGNIFICANCE

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """The shape of each quantity's ranks."""
        return tuple(_shape(*each) for each in zip(self.names, self.tests, self.p, strict=True))

    @property
    def verdict(self) -> str:
        """One sentence."""
        if self.calibrated:
            return (
                f"calibrated, as far as {self.draws} draws can tell: the smallest corrected p-value is "
                f"{min(self.p):.2g}, not below {SIGNIFICANCE}."
            )
        uneven = [name for name, p in zip(self.names, self.p, strict=True) if p <= SIGNIFICANCE]
        return (
            f"not calibrated: the ranks of {len(uneven)} of {len(self.names)} quantities are uneven "
            f"({', '.join(uneven)}; p <= {SIGNIFICANCE}, corrected for {len(self.names)} quantities)."
        )

    def data(self) -> dict[str, Any]:
        """Everything as plain data."""
        rows = zip(self.names, self.tests, self.p, self.shapes, strict=True)
        return {
            "draws": self.draws,
            "samples": self.samples,
            "truths": "exact" if self.exact else "drawn by the sampler",
            "calibrated": self.calibrated,
            "verdict": self.verdict,
            "quantities": {
                name: {
                    "p": p,
                    "p_chi_square": test.p_chi_square,
                    "p_ecdf": test.p_ecdf,
                    "slope": test.slope,
                    "bend": test.bend,
                    "shape": shape.name,
                    "meaning": shape.value,
                    "counts": list(test.counts),
                    "band": list(test.band),
                }
                for name, test, p, shape in rows
            },
        }


def _shape(name: str, test: Uniformity, p: float) -> Shape:
    if p <= SIGNIFICANCE and name == LIKELIHOOD and abs(test.slope) > CLEAR:
        return Shape.FITTED if test.slope < 0 else Shape.MISSED
    return test.shape(p > SIGNIFICANCE)
