"""A visitor's recipe names no file of the server, whatever the field is called."""

from pathlib import Path

import pytest

from invsolve.errors import RecipeError
from invsolve_studio.rules import foreign, require_own


@pytest.mark.parametrize(
    "text",
    [
        "/etc/passwd",
        "..",
        "../secret.png",
        "folder/secret.png",
        "folder\\secret.png",
        "~/.ssh/id_rsa",
        "~root",
        "$HOME",
        "%USERPROFILE%",
        "C:secret.png",
        ".hidden.png",
        " .hidden.png",
        "owner/model",
        "file:///etc/passwd",
        "holiday.png\0.txt",
    ],
)
def test_names_that_lead_elsewhere_are_refused_wherever_they_stand(text: str, tmp_path: Path) -> None:
    for data in ({"input": {"path": text}}, {"prior": [{"weights": {"list": [1, text]}}]}, {"baselines": {text: 1}}):
        assert list(foreign(data, tmp_path))
        with pytest.raises(RecipeError, match="may name your own file"):
            require_own(data, tmp_path)


def test_words_of_recipes_are_no_names_of_files(tmp_path: Path) -> None:
    (tmp_path / "holiday.png").touch()
    data = {
        "input": {"read": "video", "path": "holiday.png", "frames": "0..16", "size": "256x384"},
        "operator": [{"use": "linearise", "curve": "gamma:2.2"}, {"use": "invsolve:mask"}],
        "samples": 4,
        "chunk": None,
        "prior": {"use": "gaussian", "mean": 0.5, "precision": "auto"},
    }
    assert list(foreign(data, tmp_path)) == []


def test_what_lies_in_the_servers_working_folder_is_no_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "server").mkdir()
    (tmp_path / "server" / "plans.png").touch()
    (tmp_path / "visitor").mkdir()
    monkeypatch.chdir(tmp_path / "server")
    assert list(foreign({"path": "plans.png"}, tmp_path / "visitor")) == [("path", "plans.png")]
    (tmp_path / "visitor" / "plans.png").touch()
    assert list(foreign({"path": "plans.png"}, tmp_path / "visitor")) == []
