"""`StationaryOperator`: a linear operator that treats every place alike, as its response to one impulse a frame."""

from typing import final

import attrs
import torch
from torch import Tensor

from invsolve.operator import LinearOperator
from invsolve_priors.eigenvalues import VIDEO, Eigenvalues

AGREEMENT = 1e-9  # of the operator with its stationary model on a random video, relative
LARGEST = 2**25  # numbers in the responses: half a gigabyte


@final
@attrs.frozen(eq=False)
class StationaryOperator:
    """``A^T delta = (response shifted)``: each channel alike and alone, periodic, on a grid coarser by whole factors.

    Blurs, exposures, block averages, changes of gain and their compositions are of this kind. A row of ``A`` is
    ``A^T delta_m`` for an impulse in output frame ``m`` at the first pixel; shifting the impulse by one output pixel
    shifts the row by ``factors`` input pixels. Where time is stationary as well, one row says everything; otherwise
    there is one for each output frame ("block").

    - ``responses``: transforms of the rows, ``m at t' ah h' aw w'/2+1``: along each axis the frequencies ``a n' + f'``
      that alias to ``f'`` on the output grid.
    - ``factors``: how many input frames, rows and columns there are for each output one.
    """

    responses: Tensor
    factors: tuple[int, int, int]

    @classmethod
    def find(cls, operator: LinearOperator, latent: torch.Size, observation: Tensor) -> "StationaryOperator | None":
        """The stationary form of `operator` for inputs ``c t h w``, or None if it has none.

        Agreement on one random video settles it: two different linear maps agree there with probability 0.
        """
        channels, frames, height, width = observation.shape[1:]
        if channels != latent[0] or latent[2] % height or latent[3] % width:
            return None
        generator = torch.Generator().manual_seed(0)
        x = torch.randn(1, *latent, dtype=torch.float64, generator=generator).to(observation.device)
        y = operator.forward(x)
        for blocks in sorted({1, frames} if latent[1] % frames == 0 else {frames}):
            if blocks * latent[1:].numel() > LARGEST:
                continue
            model = cls._probe(operator, latent, y, blocks)
            if float((model.forward(x) - y).norm()) <= AGREEMENT * float(y.norm()):
                return model
        return None

    @classmethod
    def _probe(cls, operator: LinearOperator, latent: torch.Size, y: Tensor, blocks: int) -> "StationaryOperator":
        _, t, h, w = latent
        frames, height, width = y.shape[2:]
        impulses = torch.zeros(blocks, *y.shape[1:], dtype=y.dtype, device=y.device)
        for block in range(blocks):
            impulses[block, 0, block, 0, 0] = 1
        rows = torch.cat([operator.adjoint(impulse) for impulse in torch.split(impulses, 1)])[:, 0]
        grid = (frames // blocks, height, width)
        factors = (t // grid[0], h // height, w // width)
        folded = torch.fft.fftn(rows, dim=VIDEO).reshape(blocks, *_folds(factors, grid))
        return cls(folded[..., : width // 2 + 1].contiguous(), factors)

    @property
    def blocks(self) -> int:
        """Output frames that are not shifts of each other."""
        return self.responses.shape[0]

    def forward(self, x: Tensor) -> Tensor:
        """``A x``, by the model."""
        _, at, grid_t, ah, grid_h, aw, _ = self.responses.shape
        grid = (grid_t, grid_h, x.shape[-1] // aw)
        folded = torch.fft.fftn(x, dim=VIDEO).reshape(*x.shape[:2], 1, *_folds((at, ah, aw), grid))
        product = self.responses.conj() * folded[..., : self.responses.shape[-1]]
        aliased = product.sum((-2, -4, -6)) / (at * ah * aw)
        y: Tensor = torch.fft.irfftn(aliased, s=grid, dim=VIDEO)
        return y.reshape(*x.shape[:2], -1, *grid[1:])

    def observed(self, covariance: Eigenvalues) -> "Eigenvalues":
        """``A C A^T`` of a covariance on the full grid: Hermitian blocks ``t' h' w'/2+1 m m`` instead of numbers."""
        return covariance.map(self._observed)

    def _observed(self, power: Tensor) -> Tensor:
        _, at, grid_t, ah, grid_h, aw, half = self.responses.shape
        folds = _folds((at, ah, aw), (grid_t, grid_h, power.shape[-1] // aw))
        folded = power.reshape(folds)[..., :half]
        if self.blocks == 1:
            blocks = (self.responses.abs().square() * folded).sum((1, 3, 5)).movedim(0, -1)[..., None]
        else:
            blocks = torch.einsum("maibjck,naibjck->ijkmn", self.responses.conj(), self.responses * folded)
        return blocks / (at * ah * aw)


def _folds(factors: tuple[int, int, int], grid: tuple[int, int, int]) -> tuple[int, ...]:
    return tuple(size for pair in zip(factors, grid, strict=True) for size in pair)
