"""Original files of ModelScope and TF-T2V: names, sizes, and the same output."""

import pytest
import torch
from safetensors.torch import save_file

from invsolve.cli import main
from invsolve.errors import ReadError
from invsolve_diffusers.checkpoint import Checkpoint
from invsolve_diffusers.commands.convert import convert

RENAMED = {
    "resnets.#.norm1": "in_layers.0",
    "resnets.#.conv1": "in_layers.2",
    "resnets.#.time_emb_proj": "emb_layers.1",
    "resnets.#.norm2": "out_layers.0",
    "resnets.#.conv2": "out_layers.3",
    "resnets.#.conv_shortcut": "skip_connection",
    "temp_convs.#": "temopral_conv",
}


def original_names(attends):
    """Module names of diffusers to those of the original, two levels of one layer, written out by hand."""
    names = {
        "conv_in": "input_blocks.0.0",
        "transformer_in": "input_blocks.0.1",
        "time_embedding.linear_1": "time_embed.0",
        "time_embedding.linear_2": "time_embed.2",
        "conv_norm_out": "out.0",
        "conv_out": "out.2",
        "down_blocks.0.downsamplers.0.conv": "input_blocks.2.op",
        "up_blocks.0.upsamplers.0.conv": f"output_blocks.1.{3 if attends[1] else 1}.conv",
        "mid_block.attentions.0": "middle_block.1",
        "mid_block.temp_attentions.0": "middle_block.2",
    }
    blocks = [("down_blocks.0", 0, "input_blocks.1"), ("down_blocks.1", 0, "input_blocks.3")]
    blocks += [("up_blocks.0", 0, "output_blocks.0"), ("up_blocks.0", 1, "output_blocks.1")]
    blocks += [("up_blocks.1", 0, "output_blocks.2"), ("up_blocks.1", 1, "output_blocks.3")]
    for block, layer, old in blocks:
        names[f"{block}.attentions.{layer}"] = f"{old}.1"
        names[f"{block}.temp_attentions.{layer}"] = f"{old}.2"
        names |= {f"{block}.{new.replace('#', str(layer))}": f"{old}.0.{past}" for new, past in RENAMED.items()}
    for layer, old in ((0, "middle_block.0"), (1, "middle_block.3")):
        names |= {f"mid_block.{new.replace('#', str(layer))}": f"{old}.{past}" for new, past in RENAMED.items()}
    return names


def original(network, attends, beside):
    names, made = original_names(attends), {}
    for key, tensor in network.state_dict().items():
        new = max((name for name in names if key.startswith(f"{name}.")), key=len)
        convolution = ("temp_attentions" in key or "transformer_in" in key) and key.endswith(
            ("proj_in.weight", "proj_out.weight")
        )
        made[names[new] + key.removeprefix(new)] = tensor[:, :, None].clone() if convolution else tensor
    if beside:
        extra = torch.randn(32, 8, 3, 3)  # seen by zeros only
        made["input_blocks.0.0.weight"] = torch.cat([made["input_blocks.0.0.weight"], extra], dim=1)
        made["pre_image_condition.0.weight"] = torch.zeros(4, 4)
    return made


@pytest.mark.parametrize(("attends", "beside"), [((True, False), False), ((False, True), True)])
def test_the_network_is_the_same(tiny, tmp_path, attends, beside):
    from diffusers import UNet3DConditionModel

    torch.manual_seed(0)
    network = UNet3DConditionModel(
        block_out_channels=(32, 64),
        layers_per_block=1,
        cross_attention_dim=16,
        attention_head_dim=8,
        down_block_types=tuple("CrossAttnDownBlock3D" if each else "DownBlock3D" for each in attends),
        up_block_types=tuple("CrossAttnUpBlock3D" if each else "UpBlock3D" for each in reversed(attends)),
    ).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            if not bool(parameter.any()):
                parameter.normal_(0, 0.1)
    save_file(original(network, attends, beside), tmp_path / "original.safetensors")
    made = convert(tmp_path / "original.safetensors", tiny("unet3d") / "vae", tmp_path / "made", head_dim=8)
    checkpoint = Checkpoint(str(made))
    again = checkpoint.load("denoiser", torch.float32, torch.device("cpu"))
    z, text = torch.randn(1, 4, 3, 4, 4), torch.randn(1, 5, 16)
    with torch.no_grad():
        assert torch.allclose(again(z, 500, text).sample, network(z, 500, text).sample, atol=1e-5)
    assert all(torch.equal(again.state_dict()[key], value) for key, value in network.state_dict().items())
    scheduler = checkpoint.configs.scheduler
    assert scheduler.config["prediction_type"] == ("v_prediction" if beside else "epsilon")
    noisiest = checkpoint.family.noise.schedule(scheduler, None).levels(1)[0]
    assert (noisiest.a == 0) == beside
    assert checkpoint.load("decoder", torch.float32, torch.device("cpu")).config.latent_channels == 4


def test_other_files(tiny, tmp_path, capsys):
    vae = tiny("unet3d") / "vae"
    save_file({"a": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(ReadError, match=r"not the parameters of ModelScope's .* there is a, "):
        convert(tmp_path / "other.safetensors", vae, tmp_path / "made")
    (tmp_path / "model.pth").write_bytes(b"\x80\x02}q\x00.")
    assert main(["weights", "convert", str(tmp_path / "model.pth"), str(tmp_path / "made"), "--vae", str(vae)]) == 2
    assert "Pickled files (.pth, .ckpt, .bin) run code" in capsys.readouterr().err


def test_tiny_from_the_command_line(tmp_path, capsys):
    assert main(["weights", "tiny", "ltx", str(tmp_path / "ltx")]) == 0
    assert Checkpoint(capsys.readouterr().out.strip()).family.name == "ltx"
