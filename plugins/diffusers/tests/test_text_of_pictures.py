"""Prompts through several encoders side by side, against the pipelines of diffusers."""

import json
import shutil

import pytest
import torch

from invsolve_diffusers.checkpoint import Checkpoint
from invsolve_diffusers.text.encoding import encode_text

transformers = pytest.importorskip("transformers")

LETTERS = "adgo"
VOCABULARY = [*LETTERS, *(f"{letter}</w>" for letter in LETTERS), "<|startoftext|>", "<|endoftext|>"]
SIZES = {
    "vocab_size": len(VOCABULARY),
    "hidden_size": 8,
    "intermediate_size": 8,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "projection_dim": 4,
    "bos_token_id": 8,
    "eos_token_id": 9,
    "pad_token_id": 9,
}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Two tiny CLIP encoders and one T5, with a tokenizer of four letters."""
    folder = tmp_path_factory.mktemp("texts")
    for name in ("tokenizer", "tokenizer_2", "tokenizer_3"):
        (folder / name).mkdir()
        words = json.dumps({word: number for number, word in enumerate(VOCABULARY)})
        (folder / name / "vocab.json").write_text(words, encoding="utf-8")
        (folder / name / "merges.txt").write_text("#version: 0.2\n", encoding="utf-8")
        kind = {"tokenizer_class": "CLIPTokenizer", "model_max_length": 77}
        (folder / name / "tokenizer_config.json").write_text(json.dumps(kind), encoding="utf-8")
    config = transformers.CLIPTextConfig(**SIZES)
    five = transformers.T5Config(vocab_size=16, d_model=16, d_kv=4, d_ff=8, num_layers=1, num_heads=2)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        transformers.CLIPTextModelWithProjection(config).save_pretrained(folder / "projected")
        transformers.CLIPTextModelWithProjection(config).save_pretrained(folder / "projected_2")
        transformers.CLIPTextModel(config).save_pretrained(folder / "plain")
        transformers.T5EncoderModel(five).save_pretrained(folder / "t5")
    return folder


def made(tiny, written, tmp_path, name, encoders):
    folder = tmp_path / name
    shutil.copytree(tiny(name), folder, ignore=shutil.ignore_patterns("embeddings"))
    for number, encoder in enumerate(encoders, 1):
        end = "" if number == 1 else f"_{number}"
        shutil.copytree(written / encoder, folder / f"text_encoder{end}")
        shutil.copytree(written / f"tokenizer{end}", folder / f"tokenizer{end}")
    return folder


def loaded(folder, number):
    end = "" if number == 1 else f"_{number}"
    config = json.loads((folder / f"text_encoder{end}" / "config.json").read_text())
    encoder = getattr(transformers, config["architectures"][0]).from_pretrained(folder / f"text_encoder{end}").eval()
    return transformers.AutoTokenizer.from_pretrained(folder / f"tokenizer{end}"), encoder


@pytest.mark.slow
@pytest.mark.parametrize("prompt", ["dog", ""])
def test_stable_diffusion_xl(tiny, written, tmp_path, prompt):
    from diffusers import StableDiffusionXLPipeline

    folder = made(tiny, written, tmp_path, "stable_diffusion_xl", ("plain", "projected"))
    (one, first), (two, second) = loaded(folder, 1), loaded(folder, 2)
    pipeline = StableDiffusionXLPipeline(None, first, second, one, two, None, None)
    with torch.no_grad():
        tokens, _, pooled, _ = pipeline.encode_prompt(prompt, device="cpu", do_classifier_free_guidance=False)
    found = encode_text(Checkpoint(str(folder)), prompt)
    torch.testing.assert_close(found.tokens, tokens, rtol=0, atol=1e-5)
    torch.testing.assert_close(found.pooled, pooled, rtol=0, atol=1e-5)
    index = folder / "model_index.json"
    index.write_text(json.dumps({**json.loads(index.read_text()), "force_zeros_for_empty_prompt": True}))
    zeroed = encode_text(Checkpoint(str(folder)), prompt)
    assert (float(zeroed.tokens.abs().max()) == 0) == (prompt == "")


@pytest.mark.slow
@pytest.mark.parametrize("prompt", ["dog", ""])
def test_stable_diffusion_3(tiny, written, tmp_path, prompt):
    from diffusers import StableDiffusion3Pipeline

    folder = made(tiny, written, tmp_path, "stable_diffusion_3", ("projected", "projected_2", "t5"))
    (one, first), (two, second), (three, third) = (loaded(folder, number) for number in (1, 2, 3))
    pipeline = StableDiffusion3Pipeline(None, None, None, first, one, second, two, third, three)
    with torch.no_grad():
        tokens, _, pooled, _ = pipeline.encode_prompt(
            prompt, None, None, device="cpu", do_classifier_free_guidance=False, max_sequence_length=256
        )
    found = encode_text(Checkpoint(str(folder)), prompt)
    torch.testing.assert_close(found.tokens, tokens, rtol=0, atol=1e-5)
    torch.testing.assert_close(found.pooled, pooled, rtol=0, atol=1e-5)


@pytest.mark.slow
def test_flux(tiny, written, tmp_path):
    from diffusers import FluxPipeline

    folder = made(tiny, written, tmp_path, "flux", ("plain", "t5"))
    (one, first), (two, second) = loaded(folder, 1), loaded(folder, 2)
    pipeline = FluxPipeline(None, None, first, one, second, two, None)
    with torch.no_grad():
        tokens, pooled, _ = pipeline.encode_prompt("dog", None, device="cpu")
    found = encode_text(Checkpoint(str(folder)), "dog")
    torch.testing.assert_close(found.tokens, tokens, rtol=0, atol=1e-5)
    torch.testing.assert_close(found.pooled, pooled, rtol=0, atol=1e-5)
