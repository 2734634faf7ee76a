"""`Linearise`: from stored values back to linear light."""

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
class Linearise(Operator):
    """``y = g^-1(s(x))``: stored values back to linear light, the inverse of `CameraResponse`.

    Averages of light need it: ``mean_n g^-1(x_n)`` is what a sensor collects. For a curve that brightens (gamma > 1),
    encoding that mean gives at least the mean of the stored values (Jensen's inequality).

    - ``curve``: ``srgb``, ``gamma:<g>`` (``y = x^g``), ``linear``, ``table`` or ``emor``.
    - ``values`` or ``file``: a ``table`` of samples, or samples x channels; equally spaced over [0, 1] unless ``grid``
      names the array of a ``.npz`` or ``.mat`` file that holds the inputs. ``variable`` names the array that holds the
      samples, ``index`` the row of both, and ``columns`` the columns to use for channels 0, 1, ... The table is
      cleaned: scaled to [0, 1], made non-decreasing by least squares, and given a slope of at least 1e-6.
    - ``holds``: whether the table is the ``response`` (light to values) or its ``inverse`` (values to light).
    - ``file, coefficients``: for ``emor``, the published mean curve and basis, and ``c`` in ``f0 + sum_i c_i h_i``, a
      row per channel or one for all.
    - ``clip``: limits stored values to [0, 1]: ``hard``, ``soft`` or ``none``.
    - ``softness``: width of the bend of a soft clip, in units of the range [0, 1].

    Raises `SpaceError` for values that are linear already.

    ```python
    pipeline(Linearise(curve="gamma:2.2"), TemporalAverage(frames=8), CameraResponse(curve="gamma:2.2"))
    ```
    ```yaml
    operator:
      - {use: linearise, curve: gamma:2.2}
      - {use: temporal_average, frames: 8}
      - {use: camera_response, curve: gamma:2.2}
    ```

    **Source:** Nah, Kim and Lee 2017, section 2, for gamma 2.2; IEC 61966-2-1 for sRGB.
    """

    curve: str = "gamma:2.2"
    values: Nested | None = attrs.field(default=None, converter=nested)
    file: Path | None = attrs.field(default=None, converter=path, repr=path_repr)
    variable: str | None = None
    grid: str | None = None
    index: int | None = None
    columns: tuple[int, ...] | None = attrs.field(default=None, converter=whole_numbers)
    holds: str = attrs.field(default="response", validator=one_of(HOLDS))
    coefficients: Nested | None = attrs.field(default=None, converter=nested)
    clip: str = attrs.field(default="none", validator=one_of(CLIPS))
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
