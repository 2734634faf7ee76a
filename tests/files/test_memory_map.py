"""Arrays in files: damage is named, and what a count speaks of is on the disk before the count."""

import numpy as np
import pytest

from invsolve.errors import ReadError
from invsolve.files.json_file import read_json, write_json
from invsolve.files.memory_map import memory_map, new_memory_map, synchronise


def test_an_array_is_there_again(tmp_path):
    path = tmp_path / "clips.npy"
    array = new_memory_map(path, np.uint8, (3, 4))
    array[1] = 7
    synchronise(array, path)
    np.testing.assert_array_equal(memory_map(path), [[0] * 4, [7] * 4, [0] * 4])
    assert [each.name for each in tmp_path.iterdir()] == ["clips.npy"]


@pytest.mark.parametrize("damage", [lambda c: c[:-1], lambda c: bytes(len(c)), lambda c: b"", lambda c: c[:9]])
def test_a_damaged_array_is_named(damage, tmp_path):
    path = tmp_path / "clips.npy"
    new_memory_map(path, np.uint8, (3, 4))
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ReadError, match=r"clips\.npy is damaged .*Remove its folder"):
        memory_map(path)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"there": "2"}', '{"there": true}', '{"their": 2}', "[" * 100_000])
def test_a_damaged_note_is_named(text, tmp_path):
    path = tmp_path / "clips.json"
    path.write_text(text)
    with pytest.raises(ReadError, match=r"clips\.json is damaged.*Remove its folder"):
        read_json(path, {"there": int})


def test_a_note_is_read(tmp_path):
    write_json(tmp_path / "a.json", {"there": 2, "more": [1]})
    assert read_json(tmp_path / "a.json", {"there": int}) == {"there": 2, "more": [1]}
