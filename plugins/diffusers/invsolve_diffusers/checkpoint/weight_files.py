"""`check_weights`: whether the weight files of one part are there, whole, and safe to read."""

import json
from pathlib import Path
from typing import Final

from safetensors import SafetensorError, safe_open

from invsolve.errors import ReadError

PICKLES: Final = (".bin", ".pt", ".pth", ".ckpt", ".pkl")


def check_weights(folder: Path) -> str | None:
    """The variant of the weights in `folder`, such as ``fp16`` where all file names say so, or None for plain ones.

    Raises:
        ReadError: unless it holds whole safetensors files, all that its index names, of one variant.
    """
    variants = sorted({_variant(path.name) for path in folder.glob("*.safetensors")})
    variant = variants[0] if variants else ""
    if len(variants) > 1 and variant:
        raise ReadError(
            f"{folder} holds weights of the variants {', '.join(variants)} and none without one; keep the files of one "
            "of them (fp16 and bf16 are smaller, fp32 is whole)."
        )
    indices = sorted(folder.glob("*.safetensors.index*.json"))
    index = next((path for path in indices if _variant(path.name) == variant), None)
    files = (
        _indexed(index)
        if index
        else [path for path in sorted(folder.glob("*.safetensors")) if _variant(path.name) == variant]
    )
    if not files:
        pickles = [path.name for path in sorted(folder.iterdir()) if path.suffix in PICKLES]
        if pickles:
            raise ReadError(
                f"{folder} holds {', '.join(pickles[:3])}: pickled weights run code when they are read, so they are "
                "refused. Get the safetensors version of the checkpoint; or, if you trust the file, load it with "
                "diffusers in an environment of its own and write it with `save_pretrained(folder, "
                "safe_serialization=True)`."
            )
        raise ReadError(f"{folder} holds no .safetensors file; copy or download all of it again.")
    for file in files:
        _check_whole(file)
    return variant or None


def _variant(name: str) -> str:
    """The word between two dots of a weight file's name, ``fp16`` in all of these.

    ``model.fp16.safetensors``, ``model.fp16-00001-of-00002.safetensors``, ``model.safetensors.index.fp16.json``.
    """
    words = [word.split("-")[0] for word in name.split(".")[1:] if word not in ("safetensors", "index", "json")]
    return words[0] if words else ""


def _indexed(index: Path) -> list[Path]:
    try:
        names = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise ReadError(f"{index} is not a readable list of weight files ({error}); copy it again.") from error
    files = [index.parent / name for name in names]
    missing = [path.name for path in files if not path.is_file()]
    if missing:
        raise ReadError(f"{index.parent} lacks {', '.join(missing)}, of {len(files)} files; copy all of it again.")
    return files


def _check_whole(file: Path) -> None:
    try:
        with safe_open(file, framework="pt") as stored:
            stored.keys()
    except (SafetensorError, OSError) as error:
        raise ReadError(f"{file} is cut short or damaged ({error}); copy or download it again.") from error
