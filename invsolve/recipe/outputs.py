"""What a run and an evaluation write besides their numbers."""

from collections.abc import Sequence
from typing import Any, Final, Literal, get_args

from invsolve.errors import ComponentError

Output = Literal[
    "solution",
    "observation",
    "frames",
    "video",
    "comparison",
    "comparison_video",
    "report",
    "clip_videos",
    "error_maps",
    "contact_sheet",
]

OUTPUTS: Final[tuple[Output, ...]] = get_args(Output)


def check_outputs(_: Any, __: Any, value: Sequence[Output]) -> None:
    """Validator of the outputs of a recipe: known, each once, and with what they are made of."""
    for output in value:
        if output not in OUTPUTS:
            raise ComponentError(f"there is no output {output!r}. Outputs: {', '.join(OUTPUTS)}.")
        if value.count(output) > 1:
            raise ComponentError(f"outputs has {output!r} twice: name it once.")
    if "contact_sheet" in value and "clip_videos" not in value:
        raise ComponentError(
            "the contact_sheet of outputs is drawn from clip_videos: add clip_videos, or leave contact_sheet out."
        )
