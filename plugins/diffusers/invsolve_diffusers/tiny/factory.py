"""`write_tiny`: a small random checkpoint in the layout of diffusers."""

import json
from pathlib import Path
from typing import Any, Final

import torch
from torch import nn

from invsolve.errors import ComponentError, WriteError, did_you_mean
from invsolve_diffusers.architectures.architecture import Architecture
from invsolve_diffusers.checkpoint import SCHEDULER_FOLDER
from invsolve_diffusers.network.embedding import Embedding
from invsolve_diffusers.text.embeddings import save_embedding
from invsolve_diffusers.tiny.known import tiny_architectures

SPREAD: Final = 0.1  # std of parameters that their class starts at zero


def write_tiny(name: str, folder: Path, seed: int = 0) -> Path:
    """Write a checkpoint of some ten thousand random parameters with the embedding of the empty prompt.

    Layers that their class starts at zero are drawn too, so that every part of the network has a say. The same seed
    gives the same files.

    Args:
        name: that of an installed family, or of a variant of one such as ``cogvideox-5b``.
        folder: is made; must not be there or be empty.

    Raises:
        ComponentError: for a name that is not known.
        WriteError: for a folder with something in it.
    """
    import diffusers

    known = tiny_architectures()
    if name not in known:
        raise ComponentError(f"there is no tiny {name!r}.{did_you_mean(name, known)} There are: {', '.join(known)}.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WriteError(f"{folder} exists already; name a new or empty folder.")
    family, wanted = known[name]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        denoiser = _drawn(getattr(diffusers, family.denoiser_class)(**wanted.denoiser))
        if family.decoder_class:
            decoder = _drawn(getattr(diffusers, family.decoder_class)(**wanted.decoder))
            decoder.save_pretrained(folder / family.decoder_folder)
        embedding = _text(wanted)
    denoiser.save_pretrained(folder / family.denoiser_folder)
    scheduler = getattr(diffusers, wanted.scheduler_class)(**wanted.scheduler)
    scheduler.save_pretrained(folder / SCHEDULER_FOLDER)
    index = {
        "_class_name": wanted.pipeline,
        "_diffusers_version": diffusers.__version__,
        family.denoiser_folder: ["diffusers", family.denoiser_class],
        SCHEDULER_FOLDER: ["diffusers", wanted.scheduler_class],
    }
    if family.decoder_class:
        index[family.decoder_folder] = ["diffusers", family.decoder_class]
    (folder / "model_index.json").write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")
    if family.text is not None:
        save_embedding(folder, family.name, "", embedding)
    return folder


def _drawn(module: Any) -> Any:
    """The module with what starts at zero drawn from a normal law."""
    network: nn.Module = module
    with torch.no_grad():
        for parameter in network.parameters():
            if not bool(parameter.any()):
                parameter.normal_(0.0, SPREAD)
    return network


def _text(wanted: Architecture) -> Embedding:
    length, width = wanted.text
    return Embedding(
        tokens=torch.randn(1, length, width),
        mask=torch.ones(1, length, dtype=torch.int64) if wanted.mask else None,
        pooled=torch.randn(1, wanted.pooled) if wanted.pooled else None,
    )
