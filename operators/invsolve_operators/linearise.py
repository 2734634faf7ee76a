"""`Linearise`: from stored values back to linear light."""

from pathlib import Path
from typing import final

import attrs
from jaxtyping import Float
from torch import Tensor

from invsolve.arrays import Nested, nested, path, shown, whole_numbers
from invsolve.errors import SpaceError
from invsolve.validators import literal, number
from invsolve.video.curve import Curve
from invsolve.video.space import VideoSpace
from invsolve_operators.response.response_operator import Holds, ResponseOperator, check_channels
from invsolve_operators.response.saturation import Clip, saturate


@final
@attrs.frozen
class Linearise(ResponseOperator):
    """``y = g^-1(s(x))``: stored values back to linear light, the inverse of `CameraResponse`.

    Averages of light need it: ``mean_n g^-1(x_n)`` is what a sensor collects. For a curve that brightens (gamma > 1),
    encoding that mean gives at least the mean of the stored values (Jensen's inequality).

    Raises:
        SpaceError: for values that are linear already.

    References:
        Nah, Kim and Lee 2017, section 2, for gamma 2.2; IEC 61966-2-1 for sRGB.

    Examples:
        ```python
        pipeline(Linearise(curve="gamma:2.2"), TemporalAverage(frames=8), CameraResponse(curve="gamma:2.2"))
        ```

        ```yaml
        operator:
          - {use: linearise, curve: gamma:2.2}
          - {use: temporal_average, frames: 8}
          - {use: camera_response, curve: gamma:2.2}
        ```
    """

    curve: str = "gamma:2.2"
    values: Nested | None = attrs.field(default=None, converter=nested)
    file: Path | None = attrs.field(default=None, converter=path, repr=shown)
    variable: str | None = None
    grid: str | int | None = None
    index: int | None = None
    columns: tuple[int, ...] | None = attrs.field(default=None, converter=whole_numbers)
    holds: Holds = attrs.field(default="response", validator=literal(Holds))
    coefficients: Nested | None = attrs.field(default=None, converter=nested)
    clip: Clip = attrs.field(default="none", validator=literal(Clip))
    softness: float = attrs.field(default=0.02, validator=number(above=0.0))
    _curve: Curve = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_curve", self.response())

    def forward(self, x: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h w"]:
        """``g^-1(s(x))``."""
        return self._curve.decode(saturate(x, self.clip, self.softness))

    def output_space(self, space: VideoSpace) -> VideoSpace:
        """The same shape, in linear light."""
        if space.transfer == "linear":
            raise SpaceError("Linearise decodes stored values, but its input is linear light already. Leave it out.")
        check_channels(self._curve, space)
        return attrs.evolve(space, transfer="linear")

    def input_space(self, observed: VideoSpace) -> VideoSpace:
        """The same shape, encoded by the curve."""
        return attrs.evolve(observed, transfer=self._curve.transfer)
