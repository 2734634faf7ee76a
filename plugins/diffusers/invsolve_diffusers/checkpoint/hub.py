"""The place of a checkpoint's files: a folder, or a snapshot of the hub."""

import re
from pathlib import Path
from typing import Final

from invsolve.errors import ReadError

WANTED: Final = ("*.json", "*.safetensors", "*.model", "*.txt")


def snapshot(path: str) -> Path:
    """The folder of a checkpoint: `path` itself, or the hub's files, downloaded if they are not in its cache.

    Raises:
        ReadError: where neither is there, with what to do.
    """
    folder = Path(path).expanduser()
    if folder.is_dir():
        return folder
    if folder.is_file():
        raise ReadError(f"{path} is a file; give the folder that holds model_index.json.")
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", path) or path.startswith("."):
        raise ReadError(f"there is no folder {path}, and it is not a name on the hub either (those read owner/name).")
    return _from_hub(path)


def _from_hub(name: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    patterns = list(WANTED)
    try:
        return Path(snapshot_download(name, allow_patterns=patterns, local_files_only=True))
    except LocalEntryNotFoundError:
        pass
    try:
        return Path(snapshot_download(name, allow_patterns=patterns))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        said = " ".join(str(error).split())[:200]
        raise ReadError(
            f"there is no folder {name}, the hub's cache does not hold it, and it could not be downloaded ({said}). "
            f"Where there is a network: `hf download {name} --local-dir DIR`; then write `path: DIR`."
        ) from error
