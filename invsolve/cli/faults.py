"""`fault`: what to tell of an error that no part of invsolve raised on purpose, and whose turn it is."""

import errno
import re
from typing import Final

from invsolve.extras import missing_extra

FAILED, MISUSED = 1, 2
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_ADVICE: Final = {
    errno.EACCES: "Check who owns it, and who may read and write it.",
    errno.EPERM: "Check who owns it, and who may read and write it.",
    errno.EROFS: "Choose a place that can be written.",
    errno.ENAMETOOLONG: "Give a shorter name.",
    errno.EIO: "The disk, or the connection to it, fails.",
    errno.ESTALE: "The connection to its disk was lost.",
    errno.ENOTCONN: "The connection to its disk was lost.",
    errno.EMFILE: "Too many files are open: raise the limit (ulimit -n).",
    errno.ENFILE: "Too many files are open: raise the limit (ulimit -n).",
}
_TRIED: Final = re.compile(r"(?:allocate|tried to allocate)\s+([\d.]+)\s*(bytes|[KMGTPE]iB)", re.IGNORECASE)
_UNITS: Final = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_NAME: Final = 200


def fault(error: BaseException) -> tuple[str, int]:
    """One message and an exit code: a place that cannot be used, too little memory, or the part that it comes from."""
    if isinstance(error, OSError) and (said := _place(error)) is not None:
        return said
    if (said := _memory(error)) is not None:
        return said
    if missing := missing_extra(error):
        return missing, MISUSED
    from invsolve.blame import raised_in

    text = " ".join(f"{type(error).__name__}: {error}".split())
    where = raised_in(error)
    if where is None:
        return f"{text}\n  this is a bug in invsolve or a plugin; run again with --debug to see where", FAILED
    return f"{text}\n  raised in {where}; --debug shows all of the way there", FAILED


def _place(error: OSError) -> tuple[str, int] | None:
    """What the system says of a file or folder, or None where it names none and gives no reason of its own."""
    if error.filename is None and error.errno not in (*_ADVICE, *_FULL):
        return None
    name = "a file" if error.filename is None else str(error.filename)
    shown = name if len(name) <= _NAME else f"{name[:_NAME]}... ({len(name)} characters)"
    if error.errno in _FULL:
        return f"{shown} cannot be written: {error.strerror}. Free some space, or choose another place.", FAILED
    advice = _ADVICE.get(error.errno or 0, "")
    return f"{shown} cannot be used: {error.strerror}. {advice}".rstrip(), MISUSED


def _memory(error: BaseException) -> tuple[str, int] | None:
    """How much memory was wanted and how much there is, for an error that says so."""
    text = str(error)
    lacking = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
    if not lacking and not (isinstance(error, RuntimeError) and "allocate memory" in text):
        return None
    found = _TRIED.search(text)
    wanted = "more memory"
    if found:
        scale = 1024 ** [unit.lower() for unit in _UNITS].index(found[2].lower())
        wanted = f"{float(found[1]) * scale / 2**30:,.1f} GiB"
    free = "" if "CUDA" in text else _free()
    return (
        f"out of memory: {wanted} wanted at once{free}.\n"
        "  In a run, solve less at a time: `--set chunk=1` (samples), fewer frames (`input.frames`), a smaller picture"
        " (`input.size=256x384`, `input.crop`); in `invsolve evaluate` a smaller --batch.",
        FAILED,
    )


def _free() -> str:
    from invsolve.files.memory import free_memory

    memory = free_memory()
    return f", and {memory.free / 2**30:,.1f} GiB of {memory.total / 2**30:,.1f} GiB are free" if memory else ""
