"""`Linearise`: from stored values back to linear light."""

from typing import final

import attrs
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import SpaceError
from invsolve.operator import Operator
from invsolve.space import VideoSpace
from invsolve_operators.curves import Curve, named_curve
from invsolve_operators.fields import number, one_of
from invsolve_operators.saturation import CLIPS, saturate


@final
@attrs.frozen
class Linearise(Operator):
    """``y = g^-1(s(x))``: stored values back to linear light, the inverse of `CameraResponse`.

    Averages of light need it: ``mean_n g^-1(x_n)`` is what a sensor collects. For a curve that brightens (gamma > 1),
    encoding that mean gives at least the mean of the stored values (Jensen's inequality).

    - ``curve``: ``gamma:<g>`` (``y = x^g``), ``srgb``, ``linear``.
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
    clip: str = attrs.field(default="none", validator=one_of(*CLIPS))
    softness: float = attrs.field(default=0.02, validator=number(above=0))
    _curve: Curve = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_curve", named_curve(self.curve))

    def forward(self, x: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h w"]:
        """``g^-1(s(x))``."""
        return self._curve.decode(saturate(x, self.clip, self.softness))

    def output_space(self, space: VideoSpace) -> VideoSpace:
        """The same shape, in linear light."""
        if space.transfer == "linear":
            raise SpaceError("Linearise decodes stored values, but its input is linear light already. Leave it out.")
        return attrs.evolve(space, transfer="linear")

    def input_space(self, observed: VideoSpace) -> VideoSpace:
        """The same shape, encoded by the curve."""
        return attrs.evolve(observed, transfer=self._curve.transfer)
