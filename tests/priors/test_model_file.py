"""Model files: what goes in comes out, and everything else is refused with a reason."""

import json

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from invsolve.errors import ReadError
from invsolve.schedule import EDMSchedule
from invsolve_priors.learned.model_card import ModelCard
from invsolve_priors.learned.model_file import read_model, write_model
from invsolve_priors.learned.stdit.configuration import STDiTConfiguration
from invsolve_priors.learned.stdit.network import STDiTNetwork
from tests.priors import tiny_models


@pytest.fixture
def path(tmp_path):
    return tiny_models.write(tmp_path / "model.safetensors")


def contents(path):
    with safe_open(path, framework="pt") as stored:
        return dict(stored.metadata())


def test_a_card_survives_its_text():
    sizes = STDiTConfiguration(version=1, grid=(2, 4, 4), cross_attention="captions")
    card = ModelCard(
        space=tiny_models.SPACE, denoiser=sizes, output="eps", schedule=EDMSchedule(sigma_max=5.0), facts={"steps": 3}
    )
    assert ModelCard.from_json(card.to_json()) == card


def test_parameters_come_back_as_stored_and_frozen(path):
    model = read_model(path)
    stored = load_file(path)
    for part, network in (("autoencoder", model.autoencoder), ("denoiser", model.denoiser)):
        assert not any(p.requires_grad for p in network.parameters())
        assert not network.training
        for name, value in network.state_dict().items():
            assert torch.equal(value, stored[f"{part}.{name}"].float())
    assert model.sha256 == contents(path)["sha256"]


def test_a_truncated_file_is_refused(path):
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ReadError, match="cannot be read as a model file"):
        read_model(path)


def test_a_file_with_changed_bits_is_refused(path):
    data = bytearray(path.read_bytes())
    data[-50] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(ReadError, match="is damaged"):
        read_model(path)


def test_a_foreign_file_is_refused(tmp_path):
    path = tmp_path / "foreign.safetensors"
    save_file({"weight": torch.zeros(2)}, path)
    with pytest.raises(ReadError, match="its format is 'none', expected 'invsolve-model-1'"):
        read_model(path)
    path.write_text("no tensors")
    with pytest.raises(ReadError, match="cannot be read as a model file"):
        read_model(path)


def test_parameters_of_another_network_are_refused(tmp_path):
    path = tmp_path / "wrong.safetensors"
    small, big = (STDiTConfiguration(channels=4, depth=d, width=16, heads=2) for d in (1, 2))
    write_model(path, ModelCard(space=tiny_models.SPACE, denoiser=big), {"denoiser": STDiTNetwork(small)})
    with pytest.raises(ReadError, match=r"blocks.1.attn.proj.bias.*missing, nothing left over"):
        read_model(path)
    wide = STDiTConfiguration(channels=4, depth=1, width=24, heads=2)
    write_model(path, ModelCard(space=tiny_models.SPACE, denoiser=wide), {"denoiser": STDiTNetwork(small)})
    with pytest.raises(ReadError, match=r"is \(\d+.*\), expected \(\d+"):
        read_model(path)


def test_a_card_of_another_version_is_refused(path):
    metadata = contents(path)
    card = json.loads(metadata["card"])
    card["denoiser"]["swirl"] = 3
    save_file(load_file(path), path, {**metadata, "card": json.dumps(card)})
    with pytest.raises(ReadError, match="card that cannot be read"):
        read_model(path)
