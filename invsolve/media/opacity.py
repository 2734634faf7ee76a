"""`over`: transparent pixels on a background."""

from typing import Literal

from torch import Tensor

from invsolve.errors import ChoiceNeeded

Alpha = Literal["refuse", "black", "white", "drop"]


def over(colour: Tensor, opacity: Tensor, alpha: Alpha, where: str, *, associated: bool = False) -> Tensor:
    """Colours ``c h w`` of an opacity ``1 h w`` set on ``black`` or ``white``, or as they are (``drop``).

    `associated` colours are multiplied with their opacity already.

    Raises:
        ChoiceNeeded: which names `where`, for transparent pixels without a choice (``refuse``).
    """
    transparent = int((opacity < 1).sum())
    if transparent == 0 or alpha == "drop":
        return colour
    if alpha == "refuse":
        raise ChoiceNeeded(
            f"{where} is transparent in {transparent} of {opacity.numel()} pixels. Write `alpha: white` or `alpha:"
            " black` to set it on a background, or `alpha: drop` to take its colours as they are.",
            field="alpha",
        )
    return (colour if associated else colour * opacity) + (1 - opacity) * float(alpha == "white")
