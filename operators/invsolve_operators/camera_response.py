"""`CameraResponse`: from linear light to the values that a camera stores."""

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
class CameraResponse(Operator):
    """``y = g(s(x))``: light `x` saturates (``s``) and is encoded by the camera's curve ``g``.

    - ``curve``: ``srgb``, ``gamma:<g>`` (``y = x^(1/g)``), ``linear``.
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
    clip: str = attrs.field(default="hard", validator=one_of(*CLIPS))
    softness: float = attrs.field(default=0.02, validator=number(above=0))
    _curve: Curve = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_curve", named_curve(self.curve))

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
        return attrs.evolve(space, transfer=self._curve.transfer)

    def input_space(self, observed: VideoSpace) -> VideoSpace:
        """The same shape, in linear light."""
        return attrs.evolve(observed, transfer="linear")
