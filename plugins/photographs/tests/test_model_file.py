"""Model files come back as they were, and refuse what they are not."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from invsolve.errors import ReadError
from invsolve_photographs.model_file import read_network, write_network

from .conftest import SMALL, small_network


def test_round_trip(tmp_path: Path) -> None:
    network = small_network()
    write_network(tmp_path / "a.safetensors", network, SMALL, {"steps": 3})
    model = read_network(tmp_path / "a.safetensors")
    assert model.sizes == SMALL
    assert model.facts == {"steps": 3}
    for (name, kept), given in zip(model.network.state_dict().items(), network.state_dict().values(), strict=True):
        assert torch.equal(kept, given.bfloat16().float() if given.ndim >= 2 else given), name


def test_what_is_not_a_model_is_refused(tmp_path: Path, model_file: Path) -> None:
    with pytest.raises(ReadError, match="there is no file"):
        read_network(tmp_path / "none.safetensors")
    (tmp_path / "text.safetensors").write_text("not a model")
    with pytest.raises(ReadError, match="cannot be read as a model for photographs"):
        read_network(tmp_path / "text.safetensors")
    save_file({"a": torch.zeros(2)}, tmp_path / "other.safetensors")
    with pytest.raises(ReadError, match="not a model for photographs"):
        read_network(tmp_path / "other.safetensors")


def test_damage_is_seen(tmp_path: Path, model_file: Path) -> None:
    content = bytearray(model_file.read_bytes())
    content[-5] ^= 1
    (tmp_path / "damaged.safetensors").write_bytes(content)
    with pytest.raises(ReadError, match="damaged"):
        read_network(tmp_path / "damaged.safetensors")
    assert load_file(model_file)
