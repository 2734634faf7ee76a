"""`Named`: an object of deepinv by the name of its class, made anew wherever it is needed."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, final

import attrs
import torch

from invsolve.errors import ComponentError, did_you_mean
from invsolve_deepinv.library import library
from invsolve_deepinv.naming.arguments import built, check_names, parameters


@final
@attrs.frozen
class Named:
    """A class of ``deepinv.physics`` or ``deepinv.models``, and what it is made of.

    Attributes:
        module: which of the two.
        name: of the class.
        arguments: as `invsolve_deepinv.naming.arguments.built` takes them.
        files: arguments that are arrays, from files.
        seed: of what the class draws.
    """

    module: Literal["physics", "models"]
    name: str
    arguments: Mapping[str, Any] = attrs.field(factory=dict, hash=False)
    files: Mapping[str, Path] = attrs.field(factory=dict, hash=False)
    seed: int = 0

    def found(self) -> type[Any]:
        """The class.

        Raises:
            ComponentError: for a name that deepinv does not have.
            PluginError: without deepinv.
        """
        home, base = self._home()
        known = [name for name, value in vars(home).items() if isinstance(value, type) and issubclass(value, base)]
        if self.name not in known:
            what = f"deepinv.{self.module}"
            raise ComponentError(f"{what} has no class {self.name!r}.{did_you_mean(self.name, known)}")
        cls: type[Any] = getattr(home, self.name)
        return cls

    def parameters(self) -> frozenset[str]:
        """The names of the arguments that the class takes; raises as `found` does."""
        return frozenset(parameters(self.found()))

    def make(self, **more: Any) -> Any:
        """The object, on the CPU, in float32; torch's own generator is left as it was.

        Args:
            more: arguments that have no form in a recipe.

        Raises:
            ComponentError: for arguments that the class does not take.
        """
        cls = self.found()
        check_names(cls, {**self.arguments, **self.files})
        arguments = built(self.arguments, self.files)
        if "rng" in parameters(cls):
            arguments["rng"] = torch.Generator().manual_seed(self.seed)
        with torch.random.fork_rng(devices=[]), warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            torch.manual_seed(self.seed)
            try:
                made = cls(**arguments, **more)
            except Exception as error:  # whatever deepinv raises on an argument, it is about the arguments
                raise ComponentError(f"deepinv's {self.name} refuses {dict(self.arguments)}: {error}") from error
        for warning in said:
            if "ignored" in str(warning.message):
                raise ComponentError(f"deepinv's {self.name}: {warning.message}")
        return made

    def _home(self) -> tuple[Any, type[Any]]:
        deepinv = library()
        if self.module == "physics":
            return deepinv.physics, deepinv.physics.Physics
        return deepinv.models, deepinv.models.Denoiser
