"""`sweep`: what a process that was killed while it wrote has left behind."""

import os
import re
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Final

_LEFT: Final = re.compile(r"\..+\.(\d+)\.partial(\.\w+)?")


def sweep(folder: Path) -> None:
    """Remove the temporary files of `atomic` and its like in a folder whose processes are no more."""
    with suppress(OSError):
        for path in folder.iterdir():
            found = _LEFT.fullmatch(path.name)
            if found and not _alive(int(found[1])):
                with suppress(OSError):
                    shutil.rmtree(path) if path.is_dir() else path.unlink()


def _alive(process: int) -> bool:
    if process == os.getpid():
        return False  # it is not writing now
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True
