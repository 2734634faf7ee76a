"""`invsolve FILE` says which commands begin with such a file."""

from importlib.metadata import entry_points

import pytest

from invsolve.cli import main
from invsolve.cli.suggestions import file_kind
from invsolve.plugin import BrokenPlugin, Component
from invsolve.testing.pretend import manifest_of, pretend


@pytest.mark.parametrize(
    ("name", "kind"),
    {
        "a b.JPG": "picture",
        "x.exr": "picture",
        "x.mp4": "clip",
        "x.gif": "clip",
        "x.npz": "array",
        "x.yml": "recipe",
        "x.docx": None,
        "noname": None,
    }.items(),
)
def test_the_name_tells_the_kind(tmp_path, name, kind):
    assert file_kind(tmp_path / name) == kind


def test_a_picture_is_answered_with_commands_to_copy(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my photo.jpg").write_bytes(b"")
    assert main(["my photo.jpg"]) == 2
    said = capsys.readouterr().err
    assert "invsolve deblur 'my photo.jpg' " in said
    assert "invsolve inspect 'my photo.jpg' " in said
    assert "invsolve evaluate" not in said


def test_a_command_that_is_not_installed_is_suggested_with_its_distribution(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(
        "invsolve.plugin.discover.entry_points",
        lambda group: [point for point in entry_points(group=group) if point.dist.name == "invsolve"],
    )
    (tmp_path / "p.png").write_bytes(b"")
    assert main([str(tmp_path / "p.png")]) == 2
    assert "photograph. invsolve-photographs has it: `pip install invsolve-photographs`." in capsys.readouterr().err


def test_a_plugins_command_is_among_them(shelf, tmp_path, capsys):
    manifest = manifest_of(("command", "sweeten", "nowhere:sweeten")).replace("api=1", "takes=('clip',)")
    pretend(shelf, "invsolve-sweet", manifest=manifest)
    (tmp_path / "c.mov").write_bytes(b"")
    assert main([str(tmp_path / "c.mov")]) == 2
    assert "invsolve sweeten " in capsys.readouterr().err


def test_only_commands_take_files():
    with pytest.raises(BrokenPlugin, match="takes names what a command begins with"):
        Component("operator", "flip", "a.b:Flip", "Flips.", takes=("clip",))
    with pytest.raises(BrokenPlugin, match=r"of picture, clip, array, recipe, run, got \('films',\)"):
        Component("command", "flip", "a.b:flip", "Flips.", takes=("films",))
