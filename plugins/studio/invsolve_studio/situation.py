"""`Situation`: what happened to a picture or a clip, in a visitor's words, and the recipe for it."""

from copy import deepcopy
from typing import Any, Final, final

import attrs

from invsolve_studio.form import having
from invsolve_studio.upload import Kind, Upload

FRAMES: Final = 16  # of a clip that are restored at first
LONGEST_SIDE: Final = 1024  # pixels

_EXACT: Final = {"use": "diffusion", "steps": 10, "kernel": {"use": "exact"}, "guidance": {"use": "exact"}}


@final
@attrs.frozen
class Situation:
    """What happened, and how to undo it.

    Attributes:
        title: For the list of choices.
        about: One sentence.
        takes: What can be restored in this way.
        recipe: All but the input, as plain data; where `command` does the work, of its preview.
        command: The command of a plugin that takes the file, and `out`.
        also: Where else in the recipe the file is read.
    """

    title: str
    about: str
    takes: tuple[Kind, ...]
    recipe: dict[str, Any] = attrs.field(factory=dict)
    command: str = ""
    also: tuple[str, ...] = ()

    def draft(self, upload: Upload, sharp: bool = False, longest_side: int | None = LONGEST_SIDE) -> dict[str, Any]:
        """The whole recipe for a file, as plain data.

        Args:
            upload: The file.
            sharp: The file shows what is looked for: degrade it first.
            longest_side: Of the input [pixels]; None leaves it as it is.
        """
        return with_input(deepcopy(self.recipe), upload, sharp, longest_side)

    def preview(self, upload: Upload, part: dict[str, Any]) -> dict[str, Any]:
        """The recipe of a preview of what the command does.

        Args:
            upload: The file.
            part: Fields of its reader, that say which part of it.
        """
        reader = {**upload.reader(), **part}
        recipe = {"recipe": 1, "input": reader, **deepcopy(self.recipe)}
        return having(recipe, self.also, reader) if self.also else recipe


def with_input(
    recipe: dict[str, Any], upload: Upload, sharp: bool, longest_side: int | None = LONGEST_SIDE
) -> dict[str, Any]:
    """`recipe` with a visitor's file for its input."""
    reader = upload.reader(longest_side, FRAMES)
    rest = {key: value for key, value in recipe.items() if key not in ("recipe", "input")}
    return {"recipe": 1, "input": {"read": "simulate", "from": reader} if sharp else reader, **rest}


SITUATIONS: Final = {
    "motion": Situation(
        "Motion blur, unknown",
        "The camera shook or something moved while the shutter was open. Nothing else is known.",
        ("picture",),
        {
            "operator": [
                {"use": "linearise", "curve": "srgb"},
                {"use": "temporal_average", "frames": 7},
                {"use": "camera_response", "curve": "srgb"},
            ],
            "noise": {"use": "gaussian", "std": 0.004},
            "prior": {"use": "photograph"},
            "sampler": {"use": "photograph", "picture_spread": 0.0},
            "metrics": [],
        },
        command="deblur",
        also=("prior", "photograph"),
    ),
    "kernel": Situation(
        "A known blur",
        "Every point was spread in the same way: out of focus, a straight motion, or a kernel that you know.",
        ("picture", "clip"),
        {
            "operator": {"use": "convolution", "kernel": "gaussian", "std": 2.0},
            "noise": {"use": "gaussian", "std": 0.01},
            "prior": {"use": "spectral_gaussian"},
            "sampler": _EXACT,
            "samples": 2,
            "seed": 0,
            "metrics": ["reblur"],
        },
    ),
    "exposure": Situation(
        "A long exposure",
        "Each frame adds up the light of several moments: bring those back.",
        ("picture", "clip"),
        {
            "operator": {"use": "temporal_average", "frames": 5, "transfer": "ignore"},
            "noise": {"use": "gaussian", "std": 0.01},
            "prior": {"use": "spectral_gaussian"},
            "sampler": _EXACT,
            "samples": 2,
            "seed": 0,
            "metrics": ["reblur"],
        },
    ),
    "interpolate": Situation(
        "Frames are missing",
        "The clip was recorded too slowly: find the frames between its frames.",
        ("clip",),
        {
            "operator": {"use": "select_frames", "every": 2},
            "noise": {"use": "gaussian", "std": 0.004},
            "prior": {"use": "spectral_gaussian"},
            "sampler": {"use": "normalised_bidirectional_warp"},
            "samples": 1,
            "seed": 0,
            "metrics": ["reblur"],
        },
    ),
}
"""By the name that the page knows them by; a recipe of any kind is the fifth choice there."""
