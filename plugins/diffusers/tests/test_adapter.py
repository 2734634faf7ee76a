"""LoRA files: merged weights do what the low-rank layers beside them do."""

import json

import attrs
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from invsolve.errors import CapabilityError, ReadError
from invsolve_diffusers.adapters.adapter import Adapter
from invsolve_diffusers.adapters.lora import low_ranks, merge, tensors_of
from invsolve_diffusers.adapters.trained import adapt, pairs_of
from invsolve_diffusers.checkpoint import Checkpoint
from invsolve_diffusers.priors.diffusers import Diffusers

RANK = 2
ENDINGS = ("to_q", "to_v", "to_out.0")


def drawn(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))


def file_of(folder, network, prefix, alpha=None, settings=None, conv=None):
    """A file with low-rank weights for the attention, and for one convolution."""
    tensors = {}
    for name, module in network.named_modules():
        if isinstance(module, nn.Linear) and name.endswith(ENDINGS):
            tensors[f"{prefix}{name}.lora_A.weight"] = drawn(RANK, module.in_features)
            tensors[f"{prefix}{name}.lora_B.weight"] = drawn(module.out_features, RANK)
            if alpha is not None:
                tensors[f"{prefix}{name}.alpha"] = torch.tensor(alpha)
    if conv is not None:
        module = network.get_submodule(conv)
        tensors[f"{prefix}{conv}.lora.down.weight"] = drawn(RANK, *module.weight.shape[1:])
        tensors[f"{prefix}{conv}.lora.up.weight"] = drawn(len(module.weight), RANK, 1, 1)
    metadata = None if settings is None else {"lora_adapter_metadata": json.dumps(settings)}
    save_file(tensors, folder / "lora.safetensors", metadata)
    return folder / "lora.safetensors"


def network_of(folder):
    return Checkpoint(str(folder)).load("denoiser", torch.float32, torch.device("cpu"))


def hooked(network, tensors, factor):
    """The network with the low-rank products added to the outputs of its layers."""
    for key in [key for key in tensors if key.endswith("lora_A.weight")]:
        name = key.removeprefix("unet.").removesuffix(".lora_A.weight")
        a, b = tensors[key], tensors[key.replace("lora_A", "lora_B")]
        network.get_submodule(name).register_forward_hook(
            lambda _, given, made, a=a, b=b: made + factor * given[0] @ a.T @ b.T
        )
    return network


@pytest.mark.parametrize(
    ("alpha", "settings", "factor"),
    [
        pytest.param(None, None, 1.0, marks=pytest.mark.slow),
        pytest.param(1.0, None, 0.5, marks=pytest.mark.slow),
        (None, {"unet.lora_alpha": 6, "unet.r": 2}, 3.0),
        pytest.param(None, {"unet.lora_alpha": 6, "unet.use_rslora": True}, 6 / 2**0.5, marks=pytest.mark.slow),
    ],
)
def test_a_merged_adapter_is_one_beside_the_layers(tiny, tmp_path, alpha, settings, factor):
    folder = tiny("stable_diffusion")
    file = file_of(tmp_path, network_of(folder), "unet.", alpha, settings)
    network = hooked(network_of(folder), load_file(file), 0.3 * factor)
    prior = Diffusers(str(folder), adapter=Adapter(file=file, scale=0.3))
    z, level = drawn(1, 4, 1, 2, 4), prior.schedule.levels(4)[1]
    with torch.no_grad():
        expected = network(z[:, :, 0], level.time, prior.model.text.tokens).sample
        found = prior.predict(z, level)
        plain = attrs.evolve(prior, adapter=None).predict(z, level)
    assert float((found.eps[:, :, 0] - expected).abs().max()) < 1e-5 * float(expected.abs().max())
    assert float((found.eps - plain.eps).abs().max()) > 1e-2


def test_a_convolution(tiny, tmp_path):
    network = network_of(tiny("unet3d"))
    conv = "down_blocks.0.resnets.0.conv1"
    before = network.get_submodule(conv).weight.clone()
    file = file_of(tmp_path, network, "unet.", conv=conv)
    stored = load_file(file)
    merge(network, low_ranks(*tensors_of(file), file), 2.0, file)
    added = torch.einsum(
        "or,rihw->oihw", stored[f"unet.{conv}.lora.up.weight"][..., 0, 0], stored[f"unet.{conv}.lora.down.weight"]
    )
    assert torch.allclose(network.get_submodule(conv).weight, before + 2 * added, atol=1e-5)


def test_what_is_trained_can_be_merged(tiny, tmp_path):
    network = network_of(tiny("cogvideox"))
    assert adapt(network, ENDINGS, RANK) == 6
    trainable = [name for name, each in network.named_parameters() if each.requires_grad]
    assert all(name.endswith((".down", ".up")) for name in trainable)
    given = (drawn(1, 3, 4, 2, 4), drawn(1, 6, 16), torch.tensor([400]))
    with torch.no_grad():
        assert torch.equal(network(*given).sample, network_of(tiny("cogvideox"))(*given).sample)  # nothing at first
        for _, pair in pairs_of(network):
            pair.copy_(drawn(*pair.shape))
        file = tmp_path / "lora.safetensors"
        save_file(dict(pairs_of(network)), file)
        merged = network_of(tiny("cogvideox"))
        merge(merged, low_ranks(*tensors_of(file), file), 1.0, file)
        expected = network(*given).sample
        assert float((merged(*given).sample - expected).abs().max()) < 1e-5 * float(expected.abs().max())


@pytest.mark.filterwarnings("ignore:.*changes the text encoder too")
@pytest.mark.parametrize(
    ("tensors", "metadata", "error", "match"),
    [
        ({"lora_unet_x.lora_down.weight": torch.zeros(1)}, {}, ReadError, "no LoRA weight as diffusers names them"),
        ({"unet.a.lora_A.weight": torch.zeros(2, 3)}, {}, ReadError, "one half of the pair of a only"),
        ({"unet.a.lora_magnitude_vector": torch.zeros(2)}, {}, CapabilityError, "is a DoRA"),
        ({"text_encoder.a.lora_A.weight": torch.zeros(2, 3)}, {}, ReadError, "holds no LoRA weights"),
        (
            {"unet.a.lora_A.weight": torch.zeros(2, 3), "unet.a.lora_B.weight": torch.zeros(4, 2)},
            {"lora_adapter_metadata": '{"unet.alpha_pattern": {"a": 3}}'},
            CapabilityError,
            "alpha_pattern",
        ),
        (
            {"unet.a.lora_A.weight": torch.zeros(2, 3), "unet.a.lora_B.weight": torch.zeros(4, 2)},
            {},
            ReadError,
            "for 'a', which the denoiser does not have",
        ),
        (
            {"conv_in.lora_A.weight": torch.zeros(2, 3), "conv_in.lora_B.weight": torch.zeros(4, 2)},
            {},
            ReadError,
            "of 4 x 3 for 'conv_in', whose weight is 8 x 4 x 3 x 3",
        ),
    ],
)
def test_other_files(tiny, tmp_path, tensors, metadata, error, match):
    save_file(tensors, tmp_path / "x.safetensors", metadata)
    prior = Diffusers(str(tiny("stable_diffusion")), adapter=Adapter(file=tmp_path / "x.safetensors"))
    with pytest.raises(error, match=match):
        prior.predict(torch.zeros(1, 4, 1, 2, 4), prior.schedule.levels(1)[0])
    with pytest.raises(ReadError, match="not a complete safetensors file"):
        tensors_of(tmp_path)


def test_a_text_encoder_is_left_as_it_is(tmp_path):
    tensors = {
        "text_encoder.a.lora_A.weight": torch.zeros(2, 3),
        "unet.a.lora_A.weight": torch.zeros(2, 3),
        "unet.a.lora_B.weight": torch.zeros(4, 2),
    }
    with pytest.warns(UserWarning, match="changes the text encoder too"):
        assert set(low_ranks(tensors, {}, tmp_path)) == {"a"}
