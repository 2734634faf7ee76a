"""`outputs` of a recipe: what a run and an evaluation write."""

from invsolve.recipe import schema_of
from invsolve.recipe.outputs import OUTPUTS
from tests.recipes.conftest import Desk
from tests.recipes.json_schema import accepts
from tests.recipes.parts import CATALOG, PLAIN


def test_everything_by_default_and_another_choice_is_the_same_problem(desk: Desk) -> None:
    every, numbers = desk.one(PLAIN), desk.one(PLAIN + "outputs: []\n")
    assert every.outputs == OUTPUTS
    assert numbers.outputs == ()
    assert every.hash8 == numbers.hash8
    assert numbers.resolved["outputs"] == []
    assert desk.one(PLAIN, "outputs=[solution, frames]").outputs == ("solution", "frames")


def test_mistakes(desk: Desk) -> None:
    (fault,) = desk.faults(PLAIN + "outputs: [solution, frame]\n")
    assert fault.startswith("r.yaml:6:21: outputs.1: expected one of 'solution', ")
    assert fault.endswith("got str 'frame'. Did you mean 'frames'?")
    (fault,) = desk.faults(PLAIN + "outputs: [video, video]\n")
    assert "outputs has 'video' twice: name it once" in fault
    (fault,) = desk.faults(PLAIN + "outputs: [contact_sheet]\n")
    assert "drawn from clip_videos: add clip_videos, or leave contact_sheet out" in fault


def test_the_schema_offers_the_words() -> None:
    schema = schema_of(CATALOG)
    wanted = schema["properties"]["outputs"]
    assert accepts(wanted, ["frames", "video"], schema)
    assert not accepts(wanted, ["frame"], schema)
    assert "contact_sheet" in wanted["description"]
