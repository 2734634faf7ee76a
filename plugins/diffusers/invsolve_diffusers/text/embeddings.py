"""Embeddings of prompts on disk: computed once, kept next to the weights."""

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor

from invsolve.errors import ReadError
from invsolve.files.tensor_file import read_tensors, write_tensors
from invsolve_diffusers.network.embedding import Embedding

if TYPE_CHECKING:
    from invsolve_diffusers.checkpoint import Checkpoint

FORMAT: Final = "invsolve-embedding-1"
FOLDER: Final = "embeddings"
WAY_OUT: Final = "Delete it; it is then computed again."


def load_embedding(checkpoint: "Checkpoint", prompt: str) -> Embedding:
    """The embedding of `prompt` as the checkpoint's denoiser wants it.

    It is read from ``embeddings/`` next to the weights, or from the user's cache; where there is none, the model's own
    tokenizer and encoder compute it, and it is kept.

    Raises:
        ReadError: for a damaged file and where neither the embedding nor a usable text encoder is there.
        CapabilityError: where the extra ``[text]`` is not installed; each says what to do.
    """
    kept = kept_embedding(checkpoint, prompt)
    if kept is not None:
        return _read(kept, checkpoint.family.name, prompt)
    from invsolve_diffusers.text.encoding import encode_text

    embedding = encode_text(checkpoint, prompt)
    save_embedding(checkpoint.folder, checkpoint.family.name, prompt, embedding)
    return embedding


def kept_embedding(checkpoint: "Checkpoint", prompt: str) -> Path | None:
    """The file that holds the embedding of `prompt`, next to the weights or in the user's cache."""
    name = _file_name(checkpoint.family.name, prompt)
    folders = (checkpoint.folder / FOLDER, _cache_folder(checkpoint.folder))
    return next((folder / name for folder in folders if (folder / name).is_file()), None)


def text_condition(checkpoint: "Checkpoint", prompt: str) -> Tensor:
    """The tokens of a prompt, ``1 l d`` in float32, as a condition: a negative prompt for classifier-free guidance."""
    return load_embedding(checkpoint, prompt).tokens


def save_embedding(folder: Path, family: str, prompt: str, embedding: Embedding) -> Path:
    """Write an embedding next to the weights in `folder`, or to the user's cache where that cannot be written.

    The file is named by the hash of what it holds the embedding of: ``sha256(family, prompt)``.
    """
    writable = os.access(folder, os.W_OK)
    path = (folder / FOLDER if writable else _cache_folder(folder)) / _file_name(family, prompt)
    path.parent.mkdir(parents=True, exist_ok=True)
    parts = {"tokens": embedding.tokens, "mask": embedding.mask, "pooled": embedding.pooled}
    tensors = {name: part.detach().cpu().contiguous() for name, part in parts.items() if part is not None}
    write_tensors(path, tensors, {"format": FORMAT, "family": family, "prompt": prompt})
    return path


def _read(path: Path, family: str, prompt: str) -> Embedding:
    file = read_tensors(path, "an embedding", WAY_OUT)
    metadata, tensors = file.facts, file.tensors
    wanted = {"format": FORMAT, "family": family, "prompt": prompt}
    wrong = [
        f"{key} is {metadata.get(key)!r}, expected {value!r}"
        for key, value in wanted.items()
        if metadata.get(key) != value
    ]
    tokens = tensors.get("tokens")
    if wrong or tokens is None or tokens.ndim != 3 or len(tokens) != 1:
        shape = None if tokens is None else tuple(tokens.shape)
        said = "; ".join(wrong) or f"its tokens have shape {shape}, expected 1 l d"
        raise ReadError(f"{path} is not the embedding that its name says: {said}. {WAY_OUT}")
    pooled = tensors.get("pooled")
    return Embedding(
        tokens=tokens.to(torch.float32),
        mask=tensors.get("mask"),
        pooled=None if pooled is None else pooled.to(torch.float32),
    )


def _file_name(family: str, prompt: str) -> str:
    both = f"{family}\n{prompt}"
    return f"{_hash(both)}.safetensors"


def _cache_folder(folder: Path) -> Path:
    """The cache for embeddings of a read-only checkpoint; the folder of a hub snapshot names its revision."""
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return root / "invsolve" / FOLDER / _hash(str(folder.resolve()))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
