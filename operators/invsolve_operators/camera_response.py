"""`CameraResponse`: from linear light to the values that a camera stores."""

from pathlib import Path
from typing import final

import attrs
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import SpaceError
from invsolve.operator import Operator
from invsolve.validators import number, one_of
from invsolve.video.space import VideoSpace
from invsolve_operators.fields import Nested, nested, path, path_repr, whole_numbers
from invsolve_operators.response.curves import Curve
from invsolve_operators.response.response_curve import HOLDS, check_channels, response_curve
from invsolve_operators.response.saturation import CLIPS, saturate


@final
@attrs.frozen
class CameraResponse(Operator):
    """``y = g(s(x))``: light `x` saturates (``s``) and is encoded by the camera's curve ``g``.

    - ``curve``: ``srgb``, ``gamma:<g>`` (``y = x^(1/g)``), ``linear``, ``table`` or ``emor``.
    - ``values`` or ``file``: a ``table`` of samples, or samples x channels; equally spaced over [0, 1] unless ``grid``
      names the array of a ``.npz`` or ``.mat`` file that holds the inputs. ``variable`` names the array that holds the
      samples, ``index`` the row of both, and ``columns`` the columns to use for channels 0, 1, ... The table is
      cleaned: scaled to [0, 1], made non-decreasing by least squares, and given a slope of at least 1e-6.
    - ``holds``: whether the table is the ``response`` (light to values) or its ``inverse`` (values to light).
    - ``file, coefficients``: for ``emor``, the published mean curve and basis, and ``c`` in ``f0 + sum_i c_i h_i``, a
      row per channel or one for all.
    - ``clip``: ``hard`` limits light to [0, 1], ``soft`` does so smoothly, ``none`` leaves it.
    - ``softness``: width of the bend of a soft clip, in units of the range [0, 1].

    Slopes are finite everywhere: gamma curves are straight below light 1e-8. Raises `SpaceError` for values that are
    display-encoded already.

    ```python
    CameraResponse(curve="srgb")
    ```
    ```yaml
    operator:
      - {use: temporal_average, frames: 8}
      - {use: camera_response, curve: srgb}
    ```

    **Source:** Grossberg and Nayar 2004 for the model; IEC 61966-2-1 for sRGB.
    """

    curve: str = "srgb"
    values: Nested | None = attrs.field(default=None, converter=nested)
    file: Path | None = attrs.field(default=None, converter=path, repr=path_repr)
    variable: str | None = None
    grid: str | None = None
    index: int | None = None
    columns: tuple[int, ...] | None = attrs.field(default=None, converter=whole_numbers)
    holds: str = attrs.field(default="response", validator=one_of(HOLDS))
    coefficients: Nested | None = attrs.field(default=None, converter=nested)
    clip: str = attrs.field(default="hard", validator=one_of(CLIPS))
    softness: float = attrs.field(default=0.02, validator=number(above=0.0))
    _curve: Curve = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_curve", self._make_curve())

    def _make_curve(self) -> Curve:
        return response_curve(
            self.curve,
            self.values,
            self.file,
            self.variable,
            self.grid,
            self.index,
            self.columns,
            self.holds,
            self.coefficients,
        )

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
