"""`Path`: where every point of a picture is at every time, up to the direction of time."""

from typing import Final, final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve_photographs.motion.line import oriented

NODES: Final = (1 / 3, 2 / 3, 1.0)
EXPOSURE: Final = 7 / 6  # the exposure runs from -7/6 to 7/6: of 7 frames, the last is centred on time 1


def exposure_times(count: int) -> Float[Tensor, " t"]:
    """The middles of `count` equal parts of the exposure, in time units of a path."""
    return ((torch.arange(count) + 0.5) / count * 2 - 1) * EXPOSURE


@final
@attrs.frozen(eq=False)
class Path:
    """Displacements ``d(x, t) = e(x, t) + s(x) o(x, t)``: an even part, and an odd part along a line with a sign.

    The direction of time leaves no trace in a blurred picture: ``t -> -t`` keeps ``e`` and negates ``o``. Time is 0 in
    the middle of the exposure, which runs from -7/6 to 7/6.

    Between these times the odd part is the odd polynomial, the even part the even polynomial through them and 0;
    beyond time 1 both go on at their mean speed since 2/3. All fields are on a grid of a quarter of the picture's size.

    Attributes:
        line: ``o(x, 1)`` as a line, see `doubled` [pixels].
        shape: how far the odd part at times 1/3 and 2/3 is ahead of uniform speed, as shares of ``o(x, 1)``.
        even: ``e(x, t)`` at times 1/3, 2/3 and 1, each ``(down, right)`` [pixels].
    """

    line: Float[Tensor, "b 2 h w"]
    shape: Float[Tensor, "b 2 h w"]
    even: Float[Tensor, "b 2 3 h w"]

    def displacements(
        self, times: Float[Tensor, " t"], towards: Float[Tensor, "b 2 h w"]
    ) -> Float[Tensor, "b 2 t h w"]:
        """``d(x, t)`` at each time, with the sign of each line on the side of `towards`."""
        return self.along(times, oriented(self.line, towards))

    def along(self, times: Float[Tensor, " t"], end: Float[Tensor, "b 2 h w"]) -> Float[Tensor, "b 2 t h w"]:
        """``d(x, t)`` at each time, with ``o(x, 1) = end``."""
        odd, even = basis(times.to(self.line))
        first, second, last = odd.unbind(1)
        shares = [self.shape[:, k : k + 1] + NODES[k] for k in (0, 1)]
        share = shares[0][:, :, None] * _spread(first) + shares[1][:, :, None] * _spread(second) + _spread(last)
        bent = sum(self.even[:, :, k : k + 1] * _spread(values) for k, values in enumerate(even.unbind(1)))
        return share * end[:, :, None] + bent


def basis(times: Float[Tensor, " t"]) -> tuple[Float[Tensor, "t 3"], Float[Tensor, "t 3"]]:
    """Values at `times` of the odd and of the even functions that are 1 at one of 1/3, 2/3, 1 and 0 at the others."""
    inside = times.clamp(-1, 1)
    beyond = times.abs().sub(1).clamp_min(0)
    odd, even = [], []
    for k, node in enumerate(NODES):
        square = torch.ones_like(times)
        for other in NODES:
            if other != node:
                square = square * (inside.square() - other**2) / (node**2 - other**2)
        slope = (0.0, -3.0, 3.0)[k]
        odd.append(square * inside / node + slope * beyond * times.sign())
        even.append(square * (inside / node).square() + slope * beyond)
    return torch.stack(odd, 1), torch.stack(even, 1)


def _spread(values: Tensor) -> Tensor:
    return values[None, None, :, None, None]
