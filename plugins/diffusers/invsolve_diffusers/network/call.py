"""`Call`: what a family needs to know to call its denoiser."""

from typing import final

import attrs
import torch
from torch import Tensor

from invsolve_diffusers.network.configs import Configs
from invsolve_diffusers.network.embedding import Embedding


@final
@attrs.frozen(eq=False)
class Call:
    """One call of a denoiser, everything on its device and in its dtype.

    Attributes:
        configs: of the checkpoint.
        z: the latent ``b c t h w``, without conditioning channels.
        text: the embedding, with a row for each item.
    """

    configs: Configs
    z: Tensor
    text: Embedding

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """``c t h w``."""
        _, c, t, h, w = self.z.shape
        return c, t, h, w

    @property
    def mask(self) -> Tensor:
        """The text's mask; all ones where the embedding has none."""
        if self.text.mask is not None:
            return self.text.mask
        return torch.ones(self.text.tokens.shape[:2], dtype=torch.int64, device=self.z.device)
