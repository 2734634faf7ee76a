"""Slips of newcomers are answered with what to write instead."""

import pytest

from invsolve.errors import ComponentError, RecipeError
from invsolve.evaluation.clips import parse_range
from invsolve.recipe import load_one


def test_a_folder_where_a_range_of_clips_is_meant(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pics").mkdir()
    with pytest.raises(RecipeError, match=r"got 'pics'\. For the clips in a folder write `--folder pics`\."):
        parse_range("pics")
    with pytest.raises(RecipeError, match=r"got 'pisc'\.$"):
        parse_range("pisc")


def test_apples_gpu():
    with pytest.raises((RecipeError, ComponentError), match=r"no device 'mps'\. Apple's GPUs .*: write 'cpu'\."):
        load_one("deblur_photo", ["device=mps"])
