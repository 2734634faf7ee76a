"""Original files of ModelScope and TF-T2V: names, sizes, and the same output."""

import pytest
import torch
from safetensors.torch import save_file
from torch.nn import functional

from invsolve.cli import main
from invsolve.errors import ReadError, SpaceError
from invsolve_diffusers.checkpoint import Checkpoint
from invsolve_diffusers.commands.convert import convert
from invsolve_diffusers.network.embedding import Embedding
from invsolve_diffusers.priors.condition import MEAN, STD
from invsolve_diffusers.priors.unet3d import UNet3D
from invsolve_diffusers.text.embeddings import save_embedding

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
        made["depth_embedding.0.weight"] = torch.zeros(4, 4)
        made |= image_branch()
    return made


def image_branch():
    """The parts for pictures, under their original names and in their sizes but for the text's width of 16."""
    sizes = {
        "local_image_embedding.0.weight": (32, 3, 3, 3),
        "local_image_embedding.3.weight": (32, 32, 3, 3),
        "local_image_embedding.5.weight": (8, 32, 3, 3),
        "local_image_embedding_after.layers.0.0.fn.to_out.0.weight": (8, 16),
        "local_image_embedding_after.layers.0.1.net.0.0.weight": (32, 8),
        "local_image_embedding_after.layers.0.1.net.2.weight": (8, 32),
        "pre_image_condition.0.weight": (16, 16),
        "pre_image_condition.2.weight": (64, 16),
    }
    generator = torch.Generator().manual_seed(0)
    made = {name: 0.3 * torch.randn(*size, generator=generator) for name, size in sizes.items()}
    made |= {name.replace("weight", "bias"): torch.randn(len(made[name]), generator=generator) for name in list(made)}
    made["local_image_embedding_after.layers.0.0.fn.to_qkv.weight"] = torch.randn(48, 8, generator=generator)
    for name in ("weight", "bias"):
        made[f"local_image_embedding_after.layers.0.0.norm.{name}"] = torch.randn(8, generator=generator)
    return made


def channels_by_hand(tensors, video):
    """The original's formulas, pixel by pixel: convolutions, a pool to half the size, attention over time."""
    part = lambda name: tensors[f"local_image_embedding.{name}"]  # noqa: E731
    after = lambda name: tensors[f"local_image_embedding_after.layers.0.{name}"]  # noqa: E731
    made = functional.silu(functional.conv2d(video, part("0.weight"), part("0.bias"), padding=1))
    made = functional.avg_pool2d(made, 2)
    made = functional.silu(functional.conv2d(made, part("3.weight"), part("3.bias"), stride=2, padding=1))
    made = functional.conv2d(made, part("5.weight"), part("5.bias"), stride=2, padding=1)
    found = torch.empty_like(made)
    for row in range(made.shape[2]):
        for column in range(made.shape[3]):
            x = made[:, :, row, column]
            normed = functional.layer_norm(x, (8,), after("0.norm.weight"), after("0.norm.bias"))
            q, k, v = (normed @ after("0.fn.to_qkv.weight").T).chunk(3, dim=1)
            heads = []
            for h in range(2):
                mine = slice(8 * h, 8 * h + 8)
                heads.append(torch.softmax(q[:, mine] @ k[:, mine].T / 8**0.5, dim=1) @ v[:, mine])
            x = torch.cat(heads, dim=1) @ after("0.fn.to_out.0.weight").T + after("0.fn.to_out.0.bias") + x
            inside = functional.gelu(x @ after("1.net.0.0.weight").T + after("1.net.0.0.bias"))
            found[:, :, row, column] = inside @ after("1.net.2.weight").T + after("1.net.2.bias") + x
    return found.transpose(0, 1)[None]


@pytest.mark.parametrize(("attends", "beside"), [((True, False), False), ((False, True), True)])
def test_the_network_is_the_same(tiny, tmp_path, attends, beside):
    from diffusers import UNet3DConditionModel

    torch.manual_seed(0)
    network = UNet3DConditionModel(
        in_channels=12 if beside else 4,
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
    z, text = torch.randn(1, 12 if beside else 4, 3, 4, 4), torch.randn(1, 5, 16)
    with torch.no_grad():
        assert torch.allclose(again(z, 500, text).sample, network(z, 500, text).sample, atol=1e-5)
    assert all(torch.equal(again.state_dict()[key], value) for key, value in network.state_dict().items())
    scheduler = checkpoint.configs.scheduler
    assert scheduler.config["prediction_type"] == ("v_prediction" if beside else "epsilon")
    noisiest = checkpoint.family.noise.schedule(scheduler, None).levels(1)[0]
    assert (noisiest.a == 0) == beside
    assert checkpoint.load("decoder", torch.float32, torch.device("cpu")).config.latent_channels == 4


def test_tft2v_sees_pictures(tiny, tmp_path):
    """The channels by the original's formulas, and the tokens of the central picture after the text."""
    from diffusers import UNet3DConditionModel
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    torch.manual_seed(0)
    network = UNet3DConditionModel(
        in_channels=12,
        block_out_channels=(32, 64),
        layers_per_block=1,
        cross_attention_dim=16,
        attention_head_dim=8,
        down_block_types=("DownBlock3D", "CrossAttnDownBlock3D"),
        up_block_types=("CrossAttnUpBlock3D", "UpBlock3D"),
    ).eval()
    save_file(original(network, (False, True), True), tmp_path / "original.safetensors")
    folder = convert(tmp_path / "original.safetensors", tiny("unet3d") / "vae", tmp_path / "made", head_dim=8)
    save_embedding(folder, "unet3d", "", Embedding(tokens=torch.randn(1, 5, 16)))
    sizes = {"hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2}
    clip = CLIPVisionModelWithProjection(CLIPVisionConfig(**sizes, image_size=8, patch_size=4, projection_dim=16))
    prior, branch = UNet3D(path=str(folder)), image_branch()
    video, z = torch.rand(1, 3, 3, 32, 16), torch.randn(1, 4, 3, 4, 2)
    level = prior.schedule.levels(4)[1]
    channels = channels_by_hand(branch, video[0].transpose(0, 1))
    with torch.no_grad():
        given = torch.cat([z, channels], dim=1)
        expected = network(given, level.time, prior.model.text.tokens).sample
        found = prior.predict(z, level, video)
        assert torch.allclose(level.a * z - level.s * expected, found.z0, atol=1e-4)
        assert not torch.allclose(prior.predict(z, level).z0, found.z0, atol=1e-2)
        clip.eval().save_pretrained(folder / "image_encoder")
        mean, std = torch.tensor(MEAN).view(1, 3, 1, 1), torch.tensor(STD).view(1, 3, 1, 1)
        small = functional.interpolate(video[:, :, 1], (8, 8), mode="bicubic", antialias=True).clamp(0, 1)
        told = clip(pixel_values=(small - mean) / std).image_embeds
        told = functional.silu(told @ branch["pre_image_condition.0.weight"].T + branch["pre_image_condition.0.bias"])
        told = told @ branch["pre_image_condition.2.weight"].T + branch["pre_image_condition.2.bias"]
        text = torch.cat([prior.model.text.tokens, told.reshape(1, 4, 16)], dim=1)
        expected = network(given, level.time, text).sample
        found = UNet3D(path=str(folder)).predict(z, level, video)
        assert torch.allclose(level.a * z - level.s * expected, found.z0, atol=1e-4)
    with pytest.raises(SpaceError, match=r"expected b \(3, 3, 32, 16\), or one frame of it"):
        prior.predict(z, level, video[:, :, :2])


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
