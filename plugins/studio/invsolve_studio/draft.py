"""`Draft`: what a visitor is about to ask for."""

import shlex
from copy import deepcopy
from pathlib import Path
from typing import Any, Final, final

import attrs

from invsolve.recipe.dumping import dumped
from invsolve_studio.form import at, having
from invsolve_studio.limits import Limits
from invsolve_studio.offer import Offer
from invsolve_studio.order import Command, Order, Solve
from invsolve_studio.situation import SITUATIONS, with_input
from invsolve_studio.upload import Upload

PREVIEW: Final = 256  # pixels
PREVIEW_FRAMES: Final = 5
LARGEST: Final = 1280  # pixels, that a photograph is made small to where nobody says otherwise


@final
@attrs.frozen
class Draft:
    """What a visitor is about to ask for: a recipe, or a command with its options.

    Attributes:
        recipe: As plain data; empty where there is a command.
        command: Its name; empty where there is a recipe.
        options: Those of the command that differ from its defaults.
    """

    recipe: dict[str, Any] = attrs.field(factory=dict)
    command: str = ""
    options: dict[str, Any] = attrs.field(factory=dict)

    @classmethod
    def begun(
        cls, situation: str, upload: Upload | None, offer: Offer, *, named: str = "", sharp: bool = False
    ) -> "Draft":
        """What a situation begins with.

        Args:
            situation: A key of `SITUATIONS`, or ``recipe``.
            upload: The visitor's file, if there is one.
            offer: What is installed.
            named: Which installed recipe, for the situation ``recipe``.
            sharp: The file is to be degraded first.
        """
        if situation in SITUATIONS:
            chosen = SITUATIONS[situation]
            if chosen.command:
                return cls(command=chosen.command)
            return cls({"recipe": 1, **deepcopy(chosen.recipe)} if upload is None else chosen.draft(upload, sharp))
        recipe = deepcopy(offer.recipes.get(named, {"recipe": 1}))
        return cls(recipe if upload is None else with_input(recipe, upload, sharp))

    @property
    def text(self) -> str:
        """The recipe as YAML, or the command as it is typed."""
        if self.command:
            return f"# the recipe is made of what is seen in the picture, by\n#   {self.line('PHOTO')}\n"
        return dumped(self.recipe)

    def line(self, file: str) -> str:
        """The command as it is typed in a terminal."""
        options = [part for key, value in self.options.items() for part in _option(key, value)]
        return shlex.join(["invsolve", self.command, file, *options])

    def having(self, path: tuple[str, ...], value: Any) -> "Draft":
        """With another value of a field, or without it where that is None."""
        if self.command:
            return attrs.evolve(self, options=having(self.options, path, value))
        return attrs.evolve(self, recipe=having(self.recipe, path, value))

    def order(self, upload: Upload | None, folder: Path, out: Path, limits: Limits, preview: bool) -> Order:
        """What to send to the desk.

        Args:
            upload: The visitor's file; a command needs one.
            folder: Where it lies.
            out: Where the run is to be recorded.
            limits: Of one job.
            preview: A part of 256 x 256 pixels, one sample, few frames.
        """
        if self.command and upload is not None:
            if preview:
                chosen = next(each for each in SITUATIONS.values() if each.command == self.command)
                part = _part(upload, self.options.get("longest_side") or LARGEST)
                return Solve(dumped(chosen.preview(upload, part)), folder, out, (), limits, preview)
            return Command(self.command, upload.path, self.options, out, limits)
        overrides = _smaller(self.recipe, upload) if preview else ()
        return Solve(self.text, folder, out, overrides, limits, preview)


def _option(key: str, value: Any) -> tuple[str, ...]:
    flag = f"--{key.replace('_', '-')}"
    if isinstance(value, bool):
        return (flag,) if value else ()
    return (flag, str(value))


def _smaller(recipe: dict[str, Any], upload: Upload | None) -> tuple[str, ...]:
    """Overrides for a preview: the middle of the picture at the size at which all of it would be restored."""
    found = ["samples=1"]
    place = next((path for path in (("input",), ("input", "from")) if _reads(at(recipe, path), upload)), None)
    if place is None or upload is None:
        return tuple(found)
    reader, where = at(recipe, place), ".".join(place)
    part = _part(upload, reader.get("longest_side") or max(upload.height, upload.width))
    found += [f"{where}.{key}={value}" for key, value in part.items()]
    if upload.kind == "clip" and (upload.frames is None or upload.frames > PREVIEW_FRAMES):
        found.append(f"{where}.frames=0..{PREVIEW_FRAMES}")
    return tuple(found)


def _part(upload: Upload, longest_side: int) -> dict[str, Any]:
    """Fields of a reader: the middle of a file that would be made so small as a whole."""
    factor = max(1.0, max(upload.height, upload.width) / longest_side)
    side = min(round(PREVIEW * factor), upload.height, upload.width)
    return {"crop": f"{side}x{side}", "longest_side": PREVIEW}


def _reads(reader: Any, upload: Upload | None) -> bool:
    return isinstance(reader, dict) and upload is not None and reader.get("path") == upload.path.name
