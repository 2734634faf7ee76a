"""`Diagnosis`: how blurred a photograph is, and whether motion explains it."""

from typing import Final, Literal, final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve_photographs.law import PhotographLaw
from invsolve_photographs.motion.path import EXPOSURE
from invsolve_photographs.network.autocorrelation import OFFSETS, autocorrelation
from invsolve_photographs.network.photograph_network import MULTIPLE

Verdict = Literal["motion", "sharp", "soft", "fast"]

STILL: Final = 0.6  # pixels from end to end: less is no blur
FASTEST: Final = 26.0  # pixels from end to end: more was rare in training
SOFT: Final = (
    0.55  # least correlation over directions of a gradient with itself three pixels on: a wide blur on all sides
)
RADIUS: Final = 3
HIDDEN: Final = 0.8  # of a blur's length, at half the size
LONG: Final = 4.0  # pixels: shorter ones are seen whole at any size


@final
@attrs.frozen
class Diagnosis:
    """What was seen in a photograph before it is deblurred.

    Attributes:
        typical: blur from end to end of the exposure, median and 95th percentile where there is texture [pixels].
        largest: blur from end to end of the exposure, median and 95th percentile where there is texture [pixels].
        softness: how alike the gradient is to itself 3 pixels on, in the direction in which it is least, from 0 to 1:
            motion leaves one direction sharp, a lens out of focus none.
        verdict: ``motion``; ``sharp``: nothing to do; ``soft``: motion does not explain the blur; ``fast``: it moves
            farther than the network has learned.
    """

    typical: float
    largest: float
    softness: float
    verdict: Verdict

    @classmethod
    def of(cls, photograph: Float[Tensor, "1 3 h w"], law: PhotographLaw) -> "Diagnosis":
        """Look at a photograph and at the network's estimate of its motion."""
        lengths = 2 * EXPOSURE * law.estimate.path.line[0].square().sum(0).sqrt()
        textured = _texture(photograph, (lengths.shape[0], lengths.shape[1]))
        chosen = lengths[textured]
        typical, largest = (float(chosen.quantile(q)) for q in (0.5, 0.95))
        soft = softness(photograph)
        verdict: Verdict = "motion"
        if largest > FASTEST:
            verdict = "fast"
        elif soft > SOFT:
            verdict = "soft"
        elif typical < STILL and largest < 2 * STILL:
            verdict = "sharp"
        return cls(typical, largest, soft, verdict)

    def hides(self, smaller: "Diagnosis") -> bool:
        """Whether the blur is longer than was seen, given what was seen in the same photograph at half its size.

        A blur that is seen whole is half as long there; one that is too long has the same length, that which the
        network can see, at both sizes.
        """
        return smaller.typical > max(HIDDEN * self.typical, LONG)

    def text(self) -> str:
        """One sentence for the user."""
        blur = f"blurred over {self.typical:.1f} pixels, {self.largest:.1f} where it is most"
        return {
            "motion": f"motion explains the blur: {blur}.",
            "sharp": f"this photograph is sharp already ({blur}).",
            "soft": "motion does not explain this blur: it is wide in every direction, as when a lens is out of focus"
            f" (softness {self.softness:.2f} of 1).",
            "fast": f"this moves too far: {blur}; beyond {FASTEST:.0f} pixels the network has learned little.",
        }[self.verdict]


def _texture(photograph: Float[Tensor, "1 3 h w"], size: tuple[int, int]) -> Tensor:
    """Where the gradient is in its upper half, on a grid of `size`."""
    grey = photograph.mean(1, keepdim=True)
    change = (grey[..., 1:, 1:] - grey[..., :-1, 1:]).abs() + (grey[..., 1:, 1:] - grey[..., 1:, :-1]).abs()
    strength = torch.nn.functional.adaptive_avg_pool2d(change, size)[0, 0]
    return strength >= strength.median()


def softness(photograph: Float[Tensor, "1 3 h w"]) -> float:
    """The median over textured cells of the least autocorrelation over directions, at a distance of 3 pixels."""
    height, width = (side // MULTIPLE * MULTIPLE for side in photograph.shape[-2:])
    features = autocorrelation(photograph[..., :height, :width])[0]
    energy, shares = features[0], features[1:] / 2
    ring = [k for k, (down, right) in enumerate(OFFSETS) if round((down**2 + right**2) ** 0.5) == RADIUS]
    least = shares[ring].amin(0)
    return float(least[energy >= energy.median()].median())
