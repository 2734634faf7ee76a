"""Drafts: what a situation begins with, and what a preview of it is."""

from pathlib import Path
from typing import Any

import pytest

from invsolve.recipe.document import parse
from invsolve.recipe.node import Origin, plain
from invsolve_studio.draft import Draft
from invsolve_studio.limits import Limits
from invsolve_studio.offer import Offer
from invsolve_studio.order import Command, Solve
from invsolve_studio.situation import SITUATIONS
from invsolve_studio.upload import Upload

PHOTO = Upload(Path("file/photo.jpg"), "picture", 3000, 4000, 1)
CLIP = Upload(Path("file/walk.mp4"), "clip", 480, 640, 100)
OFFER = Offer({}, {"toy": {"recipe": 1, "input": {"read": "sample", "name": "coffee"}, "prior": "stdit"}}, {})


def data(text: str) -> Any:
    node = parse(text, Origin(0, "test"))
    assert node is not None
    return plain(node)


def order(draft: Draft, upload: Upload | None, preview: bool = True) -> Any:
    return draft.order(upload, Path("file"), Path("runs"), Limits(), preview)


def test_the_file_is_the_input() -> None:
    recipe = data(Draft.begun("kernel", PHOTO, OFFER).text)
    assert recipe["input"] == {
        "read": "image", "path": "photo.jpg", "channels": "rgb", "alpha": "white", "longest_side": 1024,
    }  # fmt: skip
    assert list(recipe)[:2] == ["recipe", "input"]
    sharp = Draft.begun("exposure", CLIP, OFFER, sharp=True).recipe["input"]
    assert (sharp["read"], sharp["from"]["frames"]) == ("simulate", "0..16")


def test_an_installed_recipe_with_and_without_a_file() -> None:
    assert Draft.begun("recipe", None, OFFER, named="toy").recipe == OFFER.recipes["toy"]
    assert Draft.begun("recipe", PHOTO, OFFER, named="toy").recipe["input"]["path"] == "photo.jpg"
    assert Draft.begun("recipe", PHOTO, OFFER, named="toy").recipe["prior"] == "stdit"
    assert OFFER.recipes["toy"]["input"]["read"] == "sample"


def test_a_preview_is_the_middle_at_the_size_of_the_whole() -> None:
    draft = Draft.begun("kernel", PHOTO, OFFER)
    # 4000 pixels become 1024: 256 of those were 1000 before
    assert order(draft, PHOTO).overrides == ("samples=1", "input.crop=1000x1000", "input.longest_side=256")
    assert order(draft, PHOTO, preview=False).overrides == ()
    whole = draft.having(("input", "longest_side"), None)
    assert order(whole, PHOTO).overrides[1] == "input.crop=256x256"
    sharp = Draft.begun("interpolate", CLIP, OFFER, sharp=True)
    assert order(sharp, CLIP).overrides == (
        "samples=1", "input.from.crop=256x256", "input.from.longest_side=256", "input.from.frames=0..5",
    )  # fmt: skip


def test_a_recipe_with_an_input_of_its_own_is_previewed_with_one_sample() -> None:
    assert order(Draft.begun("recipe", None, OFFER, named="toy"), None).overrides == ("samples=1",)


def test_a_command_runs_as_a_command_and_is_previewed_as_a_recipe() -> None:
    draft = Draft.begun("motion", PHOTO, OFFER).having(("frames",), 5).having(("longest_side",), 2000)
    assert draft.line("photo.jpg") == "invsolve deblur photo.jpg --frames 5 --longest-side 2000"
    run = order(draft, PHOTO, preview=False)
    assert isinstance(run, Command)
    assert run.options == {"frames": 5, "longest_side": 2000}
    preview = order(draft, PHOTO)
    assert isinstance(preview, Solve)
    recipe = data(preview.text)
    assert recipe["input"] == recipe["prior"]["photograph"]
    assert (recipe["input"]["crop"], recipe["input"]["longest_side"]) == ("512x512", 256)


@pytest.mark.parametrize("situation", [key for key, each in SITUATIONS.items() if not each.command])
def test_drafts_do_not_share_what_they_change(situation: str) -> None:
    before = repr(SITUATIONS[situation])
    changed = Draft.begun(situation, CLIP, OFFER).having(("operator", "use"), "identity")
    changed.recipe["sampler"]["steps"] = 99
    assert repr(SITUATIONS[situation]) == before
