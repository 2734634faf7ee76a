"""`encode_text`: a prompt through the model's own tokenizer and text encoder."""

import html
import json
import re
import warnings
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import torch
from torch import Tensor

from invsolve.errors import CapabilityError, ReadError
from invsolve_diffusers.network.embedding import Embedding
from invsolve_diffusers.network.text_rule import CLIP_LENGTH, TextRule

if TYPE_CHECKING:
    from invsolve_diffusers.checkpoint import Checkpoint

NEEDED: Final = ("transformers", "sentencepiece", "google.protobuf")
VOCABULARIES: Final = ("spiece.model", "tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt")
PROBE: Final = "a photo of a small dog that runs on the street"
BOUNDARY: Final = "\u2581 "  # how SentencePiece writes a space


def encode_text(checkpoint: "Checkpoint", prompt: str) -> Embedding:
    """The hidden states of a prompt as the pipeline of the checkpoint's family makes them, in the encoder's precision.

    Raises:
        CapabilityError: where the extra ``[text]`` is not installed.
        ReadError: for folders that are missing, weights that are not safetensors, and tokenizers without a vocabulary,
            which know no word and do not say so.
    """
    rule, folder = checkpoint.family.text, checkpoint.folder
    if rule is None:
        raise CapabilityError(f"{checkpoint.path} takes no text; leave the prompt out.")
    _check_folders(folder, rule, prompt)
    missing = [name for name in NEEDED if find_spec(name.split(".")[0]) is None]
    if missing:
        raise CapabilityError(
            f"the embedding of the prompt {prompt!r} is not in {folder / 'embeddings'}, and computing it needs "
            f"{', '.join(missing)}: pip install 'invsolve-diffusers[text]'."
        )
    if rule.clips:
        return _joined(folder, rule, prompt, checkpoint.configs.denoiser)
    length = rule.tokens(checkpoint.configs.denoiser)
    cleaned = _cleaned(prompt, rule)
    ids, mask = _tokens(folder / rule.tokenizer, rule.template.format(cleaned), cleaned, length + rule.crop)
    if prompt == "" and _zeroes_empty(folder):
        ids, mask = torch.zeros_like(ids), torch.zeros_like(mask)
    hidden = _hidden(folder / rule.folder, rule, ids, mask)[:, rule.crop :]
    mask = mask[:, rule.crop :]
    if rule.padding == "zero":
        hidden = hidden * mask[..., None].to(hidden)
    elif rule.padding == "cut":
        hidden = hidden[:, : max(1, int(mask.sum()))]
    return Embedding(
        tokens=hidden,
        mask=mask if rule.denoiser_sees_mask else None,
        pooled=_pooled(folder, rule, prompt) if rule.pooled_key else None,
    )


def _cleaned(prompt: str, rule: TextRule) -> str:
    if rule.clean == "tidy":
        return re.sub(r"\s+", " ", html.unescape(html.unescape(prompt)).strip())
    return prompt.lower().strip() if rule.clean == "lower" else prompt


def _check_folders(folder: Path, rule: TextRule, prompt: str) -> None:
    missing = [name for name in rule.folders if not (folder / name).is_dir()]
    if missing:
        it = "it" if len(missing) == 1 else "them"
        raise ReadError(
            f"the prompt {prompt!r} cannot be embedded: {folder} has no {' and no '.join(missing)}, and "
            f"{folder / 'embeddings'} does not hold it (the empty prompt needs an embedding too). Copy {it} from the "
            "full checkpoint; or embed it where that is, `invsolve weights embed FOLDER PROMPT`, and copy the file."
        )


def _tokens(folder: Path, words: str, prompt: str, length: int) -> tuple[Tensor, Tensor]:
    """Token numbers and mask, ``1 l``; warns where the prompt is cut."""
    tokenizer = _tokenizer(folder)
    given = tokenizer(
        words, padding="max_length", max_length=length, truncation=True, add_special_tokens=True, return_tensors="pt"
    )
    if prompt.strip() and _knows_nothing_of(tokenizer, prompt):
        raise ReadError(f"the tokenizer in {folder} knows no part of the prompt {prompt!r}; write it in English.")
    whole = len(tokenizer(words)["input_ids"])
    if whole > length:
        warnings.warn(f"the prompt has {whole} tokens, and the model sees the first {length}.", stacklevel=2)
    ids: Tensor = given["input_ids"]
    mask: Tensor = given["attention_mask"]
    return ids, mask


def _tokenizer(folder: Path) -> Any:
    """The tokenizer; raises `ReadError` for one that maps everything to the unknown token."""
    from transformers import AutoTokenizer

    if not any((folder / name).is_file() for name in VOCABULARIES):
        raise ReadError(
            f"{folder} holds no vocabulary ({', '.join(VOCABULARIES)}); without one every word would silently become "
            "the unknown token. Copy the whole tokenizer again."
        )
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, RuntimeError, TypeError) as error:
        said = " ".join(str(error).split())[:300]
        raise ReadError(f"the tokenizer in {folder} cannot be read: {said}") from error
    if _knows_nothing_of(tokenizer, PROBE):
        raise ReadError(
            f"the tokenizer in {folder} has {len(tokenizer)} entries and maps every word to the unknown token: its "
            "vocabulary was not read. Copy the whole tokenizer again."
        )
    return tokenizer


def _knows_nothing_of(tokenizer: Any, words: str) -> bool:
    """True if every token is the unknown one, marks of word boundaries aside."""
    tokens = tokenizer.convert_ids_to_tokens(tokenizer(words, add_special_tokens=False)["input_ids"])
    return all(token == tokenizer.unk_token or not token.strip(BOUNDARY) for token in tokens)


def _hidden(folder: Path, rule: TextRule, ids: Tensor, mask: Tensor) -> Tensor:
    """Hidden states ``1 l d``."""
    encoder = _encoder(folder, rule.encoder or "")
    given: dict[str, Any] = {"input_ids": ids, "output_hidden_states": rule.layer is not None}
    if rule.encoder_sees_mask:
        given["attention_mask"] = mask
    with torch.no_grad():
        said = encoder(**given)
    hidden: Tensor = said.last_hidden_state if rule.layer is None else said.hidden_states[rule.layer]
    return hidden


def _pooled(folder: Path, rule: TextRule, prompt: str) -> Tensor:
    ids, _ = _tokens(folder / rule.pooled_tokenizer, prompt, prompt, CLIP_LENGTH)
    with torch.no_grad():
        pooled: Tensor = _encoder(folder / rule.pooled_folder, "CLIPTextModel")(input_ids=ids).pooler_output
    return pooled


def _joined(folder: Path, rule: TextRule, prompt: str, denoiser: Mapping[str, Any]) -> Embedding:
    """Several CLIP encoders side by side, the tokens of another encoder after theirs, widths filled with zeros."""
    hidden, pooled = [], []
    for clip in rule.clips:
        ids, _ = _tokens(folder / clip.tokenizer, prompt, prompt, CLIP_LENGTH)
        name = "CLIPTextModelWithProjection" if clip.pooled else "CLIPTextModel"
        with torch.no_grad():
            said = _encoder(folder / clip.folder, name)(input_ids=ids, output_hidden_states=True)
        hidden.append(said.hidden_states[-2])
        if clip.pooled:
            pooled.append(said.text_embeds)
    tokens, whole = torch.cat(hidden, dim=2), torch.cat(pooled, dim=1)
    if rule.encoder is not None:
        ids, mask = _tokens(folder / rule.tokenizer, prompt, prompt, rule.tokens(denoiser))
        more = _hidden(folder / rule.folder, rule, ids, mask)
        filled = torch.nn.functional.pad(tokens, (0, more.shape[2] - tokens.shape[2]))
        tokens = torch.cat([filled, more], dim=1)
    elif prompt == "" and _zeroes_empty(folder):
        tokens, whole = torch.zeros_like(tokens), torch.zeros_like(whole)
    return Embedding(tokens=tokens, pooled=whole)


def _encoder(folder: Path, name: str) -> Any:
    """The encoder with the weights and the precision of its folder, on the CPU: it is needed once."""
    import transformers

    from invsolve_diffusers.checkpoint.weight_files import check_weights

    variant = check_weights(folder)
    try:
        encoder = getattr(transformers, name).from_pretrained(
            folder, local_files_only=True, use_safetensors=True, dtype="auto", variant=variant
        )
    except (OSError, ValueError, RuntimeError, TypeError) as error:
        said = " ".join(str(error).split())[:300]
        raise ReadError(f"{folder} could not be loaded as a {name}: {said}") from error
    return encoder.eval()


def _zeroes_empty(folder: Path) -> bool:
    """True if the pipeline's own file makes the empty prompt all zeros (Mochi, SDXL)."""
    index = folder / "model_index.json"
    if not index.is_file():
        return False
    said: Mapping[str, Any] = json.loads(index.read_text(encoding="utf-8"))
    return bool(said.get("force_zeros_for_empty_prompt", False))
