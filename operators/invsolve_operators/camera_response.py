"""`CameraResponse`: from linear light to the values that a camera stores."""

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
class CameraResponse(ResponseOperator):
    """``y = g(s(x))``: light `x` saturates (``s``) and is encoded by the camera's curve ``g``.

    Slopes are finite everywhere: gamma curves are straight below light 1e-8.

    Raises:
        SpaceError: for values that are display-encoded already.

    References:
        Grossberg and Nayar 2004 for the model; IEC 61966-2-1 for sRGB.

    Examples:
        ```python
        CameraResponse(curve="srgb")
        ```

        ```yaml
        operator:
          - {use: temporal_average, frames: 8}
          - {use: camera_response, curve: srgb}
        ```
    """

    curve: str = "srgb"
    values: Nested | None = attrs.field(default=None, converter=nested)
    file: Path | None = attrs.field(default=None, converter=path, repr=shown)
    variable: str | None = None
    grid: str | int | None = None
    index: int | None = None
    columns: tuple[int, ...] | None = attrs.field(default=None, converter=whole_numbers)
    holds: Holds = attrs.field(default="response", validator=literal(Holds))
    coefficients: Nested | None = attrs.field(default=None, converter=nested)
    clip: Clip = attrs.field(default="hard", validator=literal(Clip))
    softness: float = attrs.field(default=0.02, validator=number(above=0.0))
    _curve: Curve = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_curve", self.response())

    def forward(self, x: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h w"]:
        """``g(s(x))``."""
        return self._curve.encode(saturate(x, self.clip, self.softness))

    def output_space(self, space: VideoSpace) -> VideoSpace:
        """The same shape, encoded by the curve."""
        if space.transfer not in ("linear", "unknown"):
            raise SpaceError(
                f"CameraResponse encodes linear light, but its input is encoded already (transfer {space.transfer!r}). "
                f"Put linearise (curve: {space.transfer!r}) before it, or leave it out."
            )
        check_channels(self._curve, space)
        return attrs.evolve(space, transfer=self._curve.transfer)

    def input_space(self, observed: VideoSpace) -> VideoSpace:
        """The same shape, in linear light."""
        return attrs.evolve(observed, transfer="linear")
