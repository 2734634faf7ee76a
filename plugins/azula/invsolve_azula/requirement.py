"""`azula_module`: a module of azula, or one sentence on how to get it."""

import warnings
from importlib import import_module
from types import ModuleType
from typing import Final

from invsolve.errors import CapabilityError

HOW: Final = "pip install --no-deps 'azula>=0.11.1,<0.12'"


def azula_module(name: str) -> ModuleType:
    """Import ``azula.<name>``; raises `CapabilityError` where azula, or what it imports, is not installed."""
    try:
        with warnings.catch_warnings():
            # some of it compiles when it is imported, which loads parts of torch that warn of themselves
            warnings.simplefilter("ignore", DeprecationWarning)
            return import_module(f"azula.{name}")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "azula":
            raise CapabilityError(
                f"azula is not installed, and this needs it: `{HOW}` (without --no-deps it brings torchvision, which "
                "is not needed)."
            ) from error
        raise CapabilityError(f"azula.{name} imports {error.name}, which is not installed: install it too.") from error
