"""Prompts through a model's own tokenizer and encoder, against the pipelines of diffusers; and embeddings on disk."""

import io
import json
import os
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from invsolve.cli import main
from invsolve.errors import CapabilityError, ReadError
from invsolve.recipe import from_data
from invsolve.video.space import VideoSpace
from invsolve_diffusers.checkpoint import Checkpoint
from invsolve_diffusers.families.known import families
from invsolve_diffusers.network.embedding import Embedding
from invsolve_diffusers.network.text_rule import TextRule
from invsolve_diffusers.text import encoding as text_encoding
from invsolve_diffusers.text.embeddings import kept_embedding, load_embedding, save_embedding, text_condition
from invsolve_diffusers.text.encoding import encode_text

pytest.importorskip("transformers")
pytest.importorskip("sentencepiece")

PROMPT = "dog"
SENTENCES = [
    "a photo of a small dog that runs on the street",
    "a small dog",
    "the street runs on",
    "a photo of the dog",
]
WIDTH = 16


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A folder with a T5 tokenizer (as CogVideoX ships it, a SentencePiece model alone) and a tiny T5 encoder."""
    import sentencepiece
    from transformers import T5Config, T5EncoderModel, UMT5Config, UMT5EncoderModel

    folder = tmp_path_factory.mktemp("text")
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(SENTENCES * 4),
        model_writer=model,
        vocab_size=40,
        hard_vocab_limit=False,
        pad_id=0,
        eos_id=1,
        unk_id=2,
        bos_id=-1,
        minloglevel=2,
    )
    (folder / "tokenizer").mkdir()
    (folder / "tokenizer" / "spiece.model").write_bytes(model.getvalue())
    words = {"tokenizer_class": "T5Tokenizer", "extra_ids": 0, "eos_token": "</s>", "pad_token": "<pad>"}
    (folder / "tokenizer" / "tokenizer_config.json").write_text(json.dumps(words), encoding="utf-8")
    sizes = {"vocab_size": 64, "d_model": WIDTH, "d_kv": 4, "d_ff": 16, "num_layers": 1, "num_heads": 2}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        T5EncoderModel(T5Config(**sizes)).save_pretrained(folder / "T5EncoderModel")
        UMT5EncoderModel(UMT5Config(**sizes)).save_pretrained(folder / "UMT5EncoderModel")
    return folder


def rule_of(name):
    return next(each.text for each in families() if each.name == name)


@pytest.fixture
def checkpoint(tiny, written, tmp_path):
    """A tiny checkpoint with text folders, without kept embeddings."""

    def made(family):
        folder = tmp_path / family
        shutil.copytree(tiny(family), folder, ignore=shutil.ignore_patterns("embeddings"))
        shutil.copytree(written / "tokenizer", folder / "tokenizer")
        shutil.copytree(written / rule_of(family).encoder, folder / "text_encoder")
        return Checkpoint(str(folder))

    return made


def parts(folder, encoder):
    """Tokenizer and encoder as diffusers' pipelines hold them."""
    import transformers

    return SimpleNamespace(
        tokenizer=transformers.AutoTokenizer.from_pretrained(folder / "tokenizer"),
        text_encoder=getattr(transformers, encoder).from_pretrained(folder / "text_encoder"),
        _execution_device="cpu",
        config=SimpleNamespace(force_zeros_for_empty_prompt=False),
    )


@pytest.mark.parametrize("prompt", [PROMPT, ""])
@pytest.mark.parametrize(
    ("family", "pipeline"),
    [("cogvideox", "CogVideoXPipeline"), ("wan", "WanPipeline"), ("ltx", "LTXPipeline"), ("mochi", "MochiPipeline")],
)
def test_a_prompt_is_embedded_as_by_the_pipeline(family, pipeline, prompt, checkpoint):
    import diffusers

    found = checkpoint(family)
    length = rule_of(family).tokens(found.configs.denoiser)
    theirs = getattr(diffusers, pipeline)._get_t5_prompt_embeds(
        parts(found.folder, rule_of(family).encoder), prompt, max_sequence_length=length
    )
    tokens, mask = theirs if isinstance(theirs, tuple) else (theirs, None)
    embedding = encode_text(found, prompt)
    assert embedding.tokens.shape == (1, length, WIDTH)
    torch.testing.assert_close(embedding.tokens, tokens, rtol=0, atol=1e-5)
    assert (embedding.mask is None) == (mask is None)
    if mask is not None:
        assert torch.equal(embedding.mask.bool(), mask)


def test_padding_may_be_cut(checkpoint):
    found = checkpoint("latte")
    embedding = encode_text(found, PROMPT.upper())
    parted = parts(found.folder, "T5EncoderModel")
    ids = parted.tokenizer(PROMPT, return_tensors="pt").input_ids
    torch.testing.assert_close(embedding.tokens, parted.text_encoder(ids)[0].detach(), rtol=0, atol=1e-5)


def test_an_embedding_is_computed_once_and_kept_next_to_the_weights(checkpoint, monkeypatch):
    found = checkpoint("cogvideox")
    assert kept_embedding(found, PROMPT) is None
    first = load_embedding(found, PROMPT)
    kept = kept_embedding(found, PROMPT)
    assert kept is not None
    assert kept.parent == found.folder / "embeddings"
    monkeypatch.setattr(text_encoding, "encode_text", None)
    assert torch.equal(load_embedding(found, PROMPT).tokens, first.tokens)
    assert torch.equal(text_condition(found, PROMPT), first.tokens)


def test_prompts_and_families_have_files_of_their_own(tmp_path):
    embedding = Embedding(tokens=torch.zeros(1, 2, 3))
    files = {save_embedding(tmp_path, family, prompt, embedding) for family in ("wan", "ltx") for prompt in ("", "a")}
    assert len(files) == 4


def test_all_of_an_embedding_is_kept(tiny):
    folder = Checkpoint(str(tiny("hunyuan"))).folder
    tokens, mask, pooled = torch.randn(1, 5, 8), torch.tensor([[1, 1, 1, 0, 0]]), torch.randn(1, 4)
    save_embedding(folder, "hunyuan", "kept", Embedding(tokens=tokens, mask=mask, pooled=pooled))
    again = load_embedding(Checkpoint(str(folder)), "kept")
    assert torch.equal(again.tokens, tokens)
    assert torch.equal(again.mask, mask)
    assert torch.equal(again.pooled, pooled)


def test_half_precision_is_kept_as_it_is_and_read_in_float32(tiny):
    folder = Checkpoint(str(tiny("cogvideox"))).folder
    tokens = torch.randn(1, 226, 4096).bfloat16()
    file = save_embedding(folder, "cogvideox", "half", Embedding(tokens=tokens))
    assert 1.8e6 < file.stat().st_size < 1.9e6
    read = load_embedding(Checkpoint(str(folder)), "half").tokens
    assert read.dtype == torch.float32
    assert torch.equal(read, tokens.float())


def test_the_embeddings_of_a_read_only_folder_are_in_the_cache(checkpoint, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(os, "access", lambda *_: False)
    found = checkpoint("cogvideox")
    load_embedding(found, PROMPT)
    kept = kept_embedding(found, PROMPT)
    assert kept is not None
    assert kept.is_relative_to(tmp_path / "cache" / "invsolve" / "embeddings")


def test_a_damaged_embedding_is_named(tiny):
    folder = Checkpoint(str(tiny("cogvideox"))).folder
    file = save_embedding(folder, "cogvideox", "short", Embedding(tokens=torch.zeros(1, 6, 16)))
    file.write_bytes(file.read_bytes()[:-8])
    with pytest.raises(ReadError, match=r"is damaged.*Delete it"):
        load_embedding(Checkpoint(str(folder)), "short")


def test_an_embedding_under_the_wrong_name_is_named(tiny):
    folder = Checkpoint(str(tiny("cogvideox"))).folder
    other = save_embedding(folder, "cogvideox", "one", Embedding(tokens=torch.zeros(1, 6, 16)))
    two = save_embedding(folder, "cogvideox", "two", Embedding(tokens=torch.zeros(1, 6, 16)))
    other.replace(two)
    with pytest.raises(ReadError, match="prompt is 'one', expected 'two'"):
        load_embedding(Checkpoint(str(folder)), "two")


def test_a_prompt_without_a_text_encoder_says_what_to_do(tiny):
    with pytest.raises(ReadError, match=r"no tokenizer and no text_encoder.*invsolve weights embed FOLDER PROMPT"):
        load_embedding(Checkpoint(str(tiny("cogvideox"))), PROMPT)


def test_without_the_extra_the_message_names_it(checkpoint, monkeypatch):
    monkeypatch.setattr(text_encoding, "find_spec", lambda name: None if name == "sentencepiece" else object())
    with pytest.raises(CapabilityError, match=r"needs sentencepiece: pip install 'invsolve-diffusers\[text\]'"):
        load_embedding(checkpoint("cogvideox"), PROMPT)


def test_a_tokenizer_without_a_vocabulary_is_an_error(checkpoint):
    found = checkpoint("cogvideox")
    (found.folder / "tokenizer" / "spiece.model").unlink()
    with pytest.raises(ReadError, match="holds no vocabulary"):
        load_embedding(found, PROMPT)


def test_a_tokenizer_that_knows_no_word_is_an_error(checkpoint):
    from transformers import T5Tokenizer

    found = checkpoint("cogvideox")
    shutil.rmtree(found.folder / "tokenizer")
    T5Tokenizer().save_pretrained(found.folder / "tokenizer")  # 104 entries, none of them a word; it says nothing
    with pytest.raises(ReadError, match="maps every word to the unknown token"):
        load_embedding(found, PROMPT)


def test_a_prompt_of_unknown_letters_is_an_error(checkpoint):
    with pytest.raises(ReadError, match="knows no part of the prompt 'щщщ'; write it in English"):
        load_embedding(checkpoint("cogvideox"), "щщщ")


def test_a_prompt_that_is_cut_warns(checkpoint):
    with pytest.warns(UserWarning, match="tokens, and the model sees the first 6"):
        load_embedding(checkpoint("cogvideox"), " ".join([PROMPT] * 7))


def test_pickled_encoders_are_refused(checkpoint):
    found = checkpoint("cogvideox")
    (found.folder / "text_encoder" / "model.safetensors").rename(found.folder / "text_encoder" / "pytorch_model.bin")
    with pytest.raises(ReadError, match="pickled weights run code"):
        load_embedding(found, PROMPT)


def test_every_family_has_a_rule():
    without = {each.name for each in families() if each.text is None}
    assert without == {"ddpm", "consistency", "latent_diffusion"}
    assert all(isinstance(each.text, TextRule) for each in families() if each.name not in without)


@pytest.mark.parametrize("family", [each.name for each in families() if each.text is not None])
def test_blank_embeddings_have_the_sizes_of_the_kept_ones(family, tiny):
    found = Checkpoint(str(tiny(family)))
    kept, blank = load_embedding(found, ""), rule_of(family).blank(found.configs.denoiser, torch.device("meta"))
    assert blank.tokens.shape[2] == kept.tokens.shape[2]
    assert (blank.mask is None) == (kept.mask is None)
    assert (blank.pooled is None) == (kept.pooled is None)
    assert blank.pooled is None or kept.pooled is None or blank.pooled.shape == kept.pooled.shape


def test_the_command_embeds_and_exports(checkpoint, tmp_path, capsys):
    found = checkpoint("cogvideox")
    out = tmp_path / "dog.npy"
    assert main(["weights", "embed", str(found.folder), PROMPT, "--out", str(out)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said == [str(kept_embedding(found, PROMPT)), str(out)]
    np.testing.assert_array_equal(np.load(out), text_condition(found, PROMPT)[0].numpy())
    assert main(["weights", "embed", str(found.folder), PROMPT, "--out", str(out)]) == 2
    assert "name a new file" in capsys.readouterr().err


def test_a_negative_prompt_is_the_prompt_of_the_prior_under_guidance(checkpoint, tmp_path):
    """`cfg` takes the tokens of a prompt as its condition, and the prior's own prompt stands for "no condition"."""
    folder = checkpoint("cogvideox").folder
    assert main(["weights", "embed", str(folder), PROMPT, "--out", str(tmp_path / "dog.npy")]) == 0
    inner = {"use": "cogvideox", "path": str(folder), "prompt": "street"}
    guided = {"use": "cfg", "scale": 3.0, "condition": str(tmp_path / "dog.npy"), "unconditional": None}
    prior = from_data("prior", {**guided, "prior": inner})
    wanted, unwanted = (from_data("prior", {**inner, "prompt": prompt}) for prompt in (PROMPT, "street"))
    z = torch.randn(2, *prior.latent_shape(VideoSpace(9, 32, 32)), generator=torch.Generator().manual_seed(0))
    level = prior.schedule.levels(3, "trailing")[1]
    with torch.no_grad():
        eps, up, down = (each.predict(z, level).eps for each in (prior, wanted, unwanted))
    assert (up - down).abs().max() > 1e-3
    torch.testing.assert_close(eps, down + 3 * (up - down), rtol=0, atol=1e-5)
