"""`library`: deepinv itself, imported at its first use, with one message where it cannot be."""

from functools import cache
from importlib import import_module
from typing import Any

from invsolve.errors import PluginError


@cache
def library() -> Any:
    """The module `deepinv`.

    Raises:
        PluginError: where it, or what it needs, is not installed or does not load, with what to do.
    """
    try:
        return import_module("deepinv")
    except ModuleNotFoundError as error:
        if error.name == "deepinv":
            raise PluginError(
                "deepinv is not installed, and invsolve-deepinv bridges to it. Write `pip install "
                "'invsolve-deepinv[deepinv]'`; it brings torchvision, which must be of the same build as your torch "
                "(for the CPU: `--index-url https://download.pytorch.org/whl/cpu`)."
            ) from None
        raise PluginError(
            f"deepinv is installed, but not all that it needs: {error}. Write `pip install {error.name}`."
        ) from error
    except (ImportError, RuntimeError, OSError) as error:
        raise PluginError(
            f"deepinv cannot be imported: {error}. Mostly torchvision is of another build than torch; install both "
            "from one place (for the CPU: `pip install torch torchvision --index-url "
            "https://download.pytorch.org/whl/cpu`)."
        ) from error
