"""`HeldDenoiser`: a denoiser of deepinv, held fast, in any precision."""

import copy
from typing import Any, final

import attrs
import torch
from torch import Tensor

from invsolve.cache import Cache
from invsolve.errors import ComponentError, SpaceError
from invsolve_deepinv.bridge.casting import cast
from invsolve_deepinv.bridge.held import FAILURES
from invsolve_deepinv.library import library


@final
@attrs.frozen(eq=False)
class HeldDenoiser:
    """A private copy of a denoiser, in evaluation mode, without gradients of its weights.

    Attributes:
        denoiser: the copy.
    """

    denoiser: Any
    _casts: Cache = attrs.field(factory=Cache, init=False, repr=False)

    @classmethod
    def hold(cls, denoiser: Any) -> "HeldDenoiser":
        """Copy a denoiser; raises `ComponentError` for anything else."""
        if not isinstance(denoiser, library().models.Denoiser):
            raise ComponentError(f"expected a deepinv.models.Denoiser, got {type(denoiser).__name__}.")
        return cls(copy.deepcopy(denoiser).eval().requires_grad_(False))

    def denoise(self, pictures: Tensor, sigma: float) -> Tensor:
        """``D(pictures, sigma)`` in the precision of `pictures`, which lie in [0, 1] up to noise of std `sigma`.

        Raises:
            SpaceError: where the denoiser does not take them.
        """
        denoiser = self._casts.get(
            (pictures.dtype, pictures.device),
            lambda: cast(copy.deepcopy(self.denoiser), pictures.dtype, pictures.device),
        )
        try:
            clean: Tensor = denoiser(pictures, torch.full((len(pictures),), sigma).to(pictures))
        except FAILURES as error:
            raise self._refusal(pictures, str(error)) from error
        if clean.shape != pictures.shape:
            raise self._refusal(pictures, f"it gives {tuple(clean.shape)}")
        return clean

    def __deepcopy__(self, memo: dict[int, Any]) -> "HeldDenoiser":
        return HeldDenoiser(copy.deepcopy(self.denoiser, memo))

    def _refusal(self, pictures: Tensor, reason: str) -> SpaceError:
        return SpaceError(
            f"deepinv's {type(self.denoiser).__name__} does not denoise pictures of c h w = "
            f"{tuple(pictures.shape[1:])}: {reason}"
        )
