"""Published layouts become safetensors without any code of theirs being run; all else is refused with a reason."""

import argparse
import os
import pickle
import re
import sys
from collections import OrderedDict
from types import ModuleType

import numpy as np
import pytest
import torch
from torch import nn

from invsolve import EDMSchedule
from invsolve.cli import main
from invsolve_azula import Azula
from invsolve_azula.checkpoint.network_file import NetworkFile
from invsolve_azula.commands.models import listed, model_named
from invsolve_azula.commands.random_network import random_state
from invsolve_azula.families.known import family_named

BOMB = "import pathlib\npathlib.Path('ran').touch()\nraise SystemExit('code of the file was run')\n"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def same(path, state):
    """The file holds these parameters, and its network loads them."""
    network = NetworkFile(path).network()
    assert {name: tuple(value.shape) for name, value in network.state_dict().items()} == {
        name: tuple(value.shape) for name, value in state.items()
    }
    assert all(torch.equal(value, state[name].float()) for name, value in network.state_dict().items())


@pytest.mark.parametrize("layout", ["zip", "legacy"])
def test_adm(here, layout, capsys):
    family = family_named("adm")
    state = OrderedDict(random_state(family, family.tiny()))
    torch.save(state, "adm.pt", _use_new_zipfile_serialization=layout == "zip")
    lines = [f"  {key}: {'null' if value is None else value}" for key, value in family.tiny().items()]
    (here / "own.yaml").write_text("\n".join(["adm:", *lines]).replace("True", "true"), encoding="utf-8")
    assert main(["azula", "convert", "adm.pt", "adm.safetensors", "--config", "own.yaml"]) == 0
    assert capsys.readouterr().out == "adm.safetensors\n"
    same(here / "adm.safetensors", state)
    assert NetworkFile(here / "adm.safetensors").config == family.tiny()


@pytest.mark.slow
def test_jit_has_averaged_parameters_under_a_prefix(here):
    family = family_named("jit")
    state, other = random_state(family, family.tiny(), 1), random_state(family, family.tiny(), 2)
    wrapped = {
        "model": {f"net.{name}": value for name, value in other.items()},
        "model_ema1": {f"net.{name}": value for name, value in state.items()},
        "epoch": 3,
    }
    torch.save(wrapped, "jit.pth")
    text = "jit: {" + ", ".join(f"{key}: {value}" for key, value in family.tiny().items()) + "}"
    (here / "own.yaml").write_text(text, encoding="utf-8")
    assert main(["azula", "convert", "jit.pth", "jit.safetensors", "--config", "own.yaml"]) == 0
    same(here / "jit.safetensors", state)


class Saved:
    """An object as EDM's pickles hold it: with the source of its class, which their loader executes."""

    def __init__(self, kind, state):
        self.kind, self.state = kind, state

    def __reduce__(self):
        meta = {"type": "class", "version": 6, "module_src": BOMB, "class_name": self.kind, "state": self.state}
        return sys.modules["torch_utils.persistence"]._reconstruct_persistent_obj, (meta,), None


class EasyDict(dict):
    """A dictionary of a class of its own."""


@pytest.fixture
def persistence(monkeypatch):
    def _reconstruct_persistent_obj(meta):
        exec(meta["module_src"])

    for name in ("torch_utils", "torch_utils.persistence", "dnnlib", "dnnlib.util"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    _reconstruct_persistent_obj.__module__, _reconstruct_persistent_obj.__qualname__ = (
        "torch_utils.persistence",
        "_reconstruct_persistent_obj",
    )
    sys.modules["torch_utils.persistence"]._reconstruct_persistent_obj = _reconstruct_persistent_obj
    monkeypatch.setattr(EasyDict, "__module__", "dnnlib.util")
    sys.modules["dnnlib.util"].EasyDict = EasyDict


def tree(kind, state, **attributes):
    """A network with these parameters, module by module."""
    parameters, modules = {}, {}
    for name, value in state.items():
        head, _, rest = name.partition(".")
        if rest:
            modules.setdefault(head, {})[rest] = value
        else:
            parameters[head] = value
    buffers = {
        name: parameters.pop(name) for name in list(parameters) if name in ("resample_filter", "freqs", "phases")
    }
    inside = {}
    for name, below in modules.items():
        if name in ("enc", "dec"):
            inside[name] = nn.ModuleDict()
            inside[name]._modules = tree("", below).state["_modules"]
        else:
            inside[name] = tree("Some", below)
    return Saved(
        kind,
        {
            "_parameters": {name: nn.Parameter(value, requires_grad=False) for name, value in parameters.items()},
            "_buffers": buffers,
            "_non_persistent_buffers_set": set(),
            "_modules": inside,
            "training": False,
            **attributes,
        },
    )


@pytest.mark.parametrize(("name", "kind", "prefix"), [("edm", "EDMPrecond", "model."), ("edm2", "Precond", "unet.")])
@pytest.mark.parametrize("protocol", [3, 5])
def test_pickles_of_edm(here, persistence, name, kind, prefix, protocol):
    family = family_named(name)
    state = random_state(family, family.tiny())
    whole = {f"{prefix}{key}": value.half() if name == "edm2" else value for key, value in state.items()}
    beside = {"logvar_linear.weight": torch.ones(1, 4)} if name == "edm2" else {}
    made_with = dict(family.tiny()) | {"use_fp16": True, "dropout": 0.1}
    network = tree(kind, whole | beside, _init_args=(), _init_kwargs=EasyDict(made_with))
    content = {"ema": network, "loss_fn": Saved("Loss", {"P_std": 1.2}), "dataset_kwargs": EasyDict(path="x")}
    if name == "edm2":
        scale = {"scale": np.float32([0.1, 0.2, 0.3]), "bias": np.float32([1, 2, 3])}
        content["encoder"] = Saved("StabilityVAEEncoder", scale)
    with (here / "net.pkl").open("wb") as file:
        pickle.dump(EasyDict(content), file, protocol=protocol)
    assert main(["azula", "convert", "net.pkl", "net.safetensors"]) == 0
    same(here / "net.safetensors", {key: value.half() if name == "edm2" else value for key, value in state.items()})
    config = NetworkFile(here / "net.safetensors").config
    assert {key: value for key, value in config.items() if not key.startswith("latent_")} == family.tiny()
    if name == "edm2":
        assert config["latent_scale"] == pytest.approx([0.1, 0.2, 0.3], abs=1e-7)
        assert config["latent_bias"] == [1.0, 2.0, 3.0]
    else:
        found = Azula(here / "net.safetensors", label=1).predict(torch.zeros(1, 3, 1, 8, 8), EDMSchedule().at(2.0))
        assert bool(found.z0.any())
    assert not (here / "ran").exists()


class Runs:
    def __reduce__(self):
        return os.system, ("touch ran",)


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (
            {"args": argparse.Namespace(a=1), "w": torch.ones(2)},
            "a.pt",
            "holds more than weights, and to read that would",
        ),
        ({"w": Runs()}, "a.pt", "holds more than weights, and to read that would"),
        ({"epoch": 3}, "a.pt", "holds no parameters by their names"),
        ({"time_embed.0.weight": torch.ones(2)}, "a.pt", "does not fit UNetModel of this config: input_blocks"),
    ],
)
def test_what_torch_files_may_not_hold(here, capsys, content, name, said):
    torch.save(content, name)
    assert main(["azula", "convert", name, "made.safetensors", "--model", "adm/ffhq_256x256"]) == 2
    assert said in capsys.readouterr().err
    assert sorted(each.name for each in here.iterdir()) == [name]


def test_what_pickles_may_not_hold(here, capsys, persistence):
    for content, said in (
        ({"ema": Runs()}, "is no checkpoint of EDM: it holds no network under the name 'ema'"),
        (Runs(), "is no checkpoint of EDM"),
        ({"ema": tree("VPPrecond", {"w": torch.ones(2)})}, "holds a network 'VPPrecond'; what can be converted are"),
        (
            {"ema": tree("EDMPrecond", {}, _init_kwargs={"encoder_type": "standard", "decoder_type": "skip"})},
            "has a network with decoder_type = 'skip'; only 'standard' is known",
        ),
        (
            {"ema": tree("EDMPrecond", {}, _init_kwargs={"model_type": "Other", "img_channels": 3})},
            "model_type is 'Other', not one of ['SongUNet', 'DhariwalUNet']",
        ),
    ):
        with (here / "net.pkl").open("wb") as file:
            pickle.dump(content, file)
        assert main(["azula", "convert", "net.pkl", "made.safetensors"]) == 2
        assert said in capsys.readouterr().err
        assert sorted(each.name for each in here.iterdir()) == ["net.pkl"]
    (here / "net.pkl").write_bytes(b"\x80\x04cut")
    assert main(["azula", "convert", "net.pkl", "made.safetensors"]) == 2
    assert "net.pkl is not a pickle that can be read" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["no.pt", "made.safetensors", "--model", "adm/ffhq_256x256"], "no.pt does not exist"),
        (["text.pt", "made.safetensors", "--model", "adm/ffhq_256x256"], "text.pt is not a file of torch.save"),
        (
            ["text.pt", "made.safetensors", "--model", "adm/ffhq"],
            "no model 'adm/ffhq'. Did you mean 'adm/ffhq_256x256'?",
        ),
        (["text.pt", "made.safetensors"], "say what the file is: either --model"),
        (["text.pkl", "made.safetensors", "--model", "adm/ffhq_256x256"], "says itself what it is; leave --model"),
        (["text.pt", "made.bin", "--model", "adm/ffhq_256x256"], "call it made.safetensors"),
        (["text.pt", "text.pt", "--model", "adm/ffhq_256x256"], "exists already"),
        (["text.pt", "made.safetensors", "--config", "text.pt"], "must hold one family and its config"),
    ],
)
def test_misuse_of_the_command(here, capsys, words, said):
    for name in ("text.pt", "text.pkl"):
        (here / name).write_text("text", encoding="utf-8")
    assert main(["azula", "convert", *words]) == 2
    assert said in capsys.readouterr().err
    assert not (here / "made.safetensors").exists()


def test_published_configs_put_attention_where_the_published_flags_say():
    """By hand: the blocks before the first that attends, which is 16, 32 and 16 pixels wide at 256, 256 and 512."""
    first = {
        "ffhq_256x256": 1 + 4 * (1 + 1),
        "imagenet_256x256": 1 + 3 * (2 + 1),
        "imagenet_512x512_cond": 1 + 4 * (2 + 1),
    }
    for name, block in first.items():
        family, config = model_named(f"adm/{name}")
        with torch.device("meta"):
            network = family.network(config)
        attending = [key.split(".")[1] for key in network.state_dict() if re.match(r"input_blocks\.\d+\.1\.qkv", key)]
        assert min(map(int, attending)) == block
    assert {"edm/ffhq_64x64", "edm2/imagenet_512x512_xs", "adm/ffhq_256x256"} <= {name for name, _ in listed()}
