"""`StationaryOperator`: a linear operator that treats every place alike, as its response to one impulse a frame."""

from typing import Final, final

import attrs
import torch
from torch import Tensor

from invsolve.operator import LinearOperator
from invsolve_priors.spectral.eigenvalues import VIDEO

AGREEMENT: Final = 1e-9  # of the operator with its stationary model on a random video, relative
LARGEST: Final = 2**25  # numbers in the responses: half a gigabyte


@final
@attrs.frozen(eq=False)
class StationaryOperator:
    """``A^T delta = (response shifted)``: each channel alike and alone, periodic, on a grid coarser by whole factors.

    Blurs, exposures, block averages, changes of gain and their compositions are of this kind. A row of ``A`` is
    ``A^T delta_m`` for an impulse in output frame ``m`` at the first pixel; shifting the impulse by one output pixel
    shifts the row by ``factors`` input pixels. Where time is stationary as well, one row determines all; otherwise
    there is one for each output frame ("block").

    Attributes:
        responses: transforms of the rows, ``m at t' ah h' aw w'``: along each axis the frequencies ``a n' + f'`` that
            alias to ``f'`` on the output grid; where columns do not alias, the half ``w'/2+1`` of theirs.
        grid: the output grid ``t' h' w'`` of one block.
        exact: it is the operator that was probed, and not only one that resembles it.
    """

    responses: Tensor
    grid: tuple[int, int, int]
    exact: bool = True

    @classmethod
    def probe(cls, operator: LinearOperator, latent: torch.Size, observation: Tensor) -> "StationaryOperator | None":
        """The stationary form of `operator`, or one that resembles it; None if its responses would be too large."""
        return cls.find(operator, latent, observation) or cls.near(operator, latent, observation)

    @classmethod
    def find(cls, operator: LinearOperator, latent: torch.Size, observation: Tensor) -> "StationaryOperator | None":
        """The stationary form of `operator` for inputs ``c t h w``, or None if it has none.

        Agreement on one random video settles it: two different linear maps agree there with probability 0.
        """
        channels, frames, height, width = observation.shape[1:]
        if channels != latent[0] or latent[2] % height or latent[3] % width:
            return None
        x = torch.randn(1, *latent, dtype=torch.float64, generator=torch.Generator().manual_seed(0)).to(observation)
        y = operator.forward(x)
        for blocks in sorted({1, frames} if latent[1] % frames == 0 else {frames}):
            if blocks * latent[1:].numel() > LARGEST:
                continue
            impulses = torch.zeros(blocks, *y.shape[1:], dtype=y.dtype, device=y.device)
            for block in range(blocks):
                impulses[block, 0, block, 0, 0] = 1
            rows = torch.cat([operator.adjoint(impulse) for impulse in torch.split(impulses, 1)])[:, 0]
            model = cls.of(rows, (frames // blocks, height, width))
            if float((model.forward(x) - y).norm()) <= AGREEMENT * float(y.norm()):
                return model
        return None

    @classmethod
    def near(cls, operator: LinearOperator, latent: torch.Size, observation: Tensor) -> "StationaryOperator | None":
        """A stationary operator that resembles `operator` away from borders, or None if it would be too large.

        Its rows are those of output pixels near the centre that see anything at all.
        """
        channels, _, height, width = latent
        frames, rows, columns = observation.shape[2:]
        if frames * latent[1:].numel() > LARGEST:
            return None
        factors = (_divisor(height, rows), _divisor(width, columns))
        seen = operator.forward(torch.ones(1, *latent, dtype=torch.float64, device=observation.device))[0].abs()
        responses = []
        for frame in range(frames):
            place = _central(seen[:, frame])
            impulse = torch.zeros_like(seen)[None]
            impulse[0, place[0], frame, place[1], place[2]] = 1
            row = operator.adjoint(impulse)[0]
            strongest = row[int(row.square().flatten(1).sum(1).argmax())]
            shift = (-place[1] * factors[0], -place[2] * factors[1])
            responses.append(torch.roll(strongest, shift, dims=(-2, -1)))
        grid = (1, height // factors[0], width // factors[1])
        coverage = observation.shape[1] * rows * columns / (channels * grid[1] * grid[2])
        return attrs.evolve(cls.of(torch.stack(responses) * coverage**0.5, grid), exact=False)

    @classmethod
    def of(cls, rows: Tensor, grid: tuple[int, int, int]) -> "StationaryOperator":
        """From the rows ``m t h w`` for the first pixel of `grid`."""
        return cls(_folded(rows, grid), grid)

    @property
    def factors(self) -> tuple[int, int, int]:
        """Input frames, rows and columns for each one of the output grid."""
        _, at, _, ah, _, aw, _ = self.responses.shape
        return (at, ah, aw)

    @property
    def blocks(self) -> int:
        """Output frames that are not shifts of each other."""
        return self.responses.shape[0]

    @property
    def halved(self) -> bool:
        """Columns do not alias: their frequencies from 0 up are enough, since all is real."""
        return self.factors[2] == 1

    def forward(self, x: Tensor) -> Tensor:
        """``A x``, by the model."""
        folded = _folded(x, self.grid).unsqueeze(2)
        y = self._inverse((self.responses.conj() * folded).mean((-2, -4, -6)), self.grid)
        return y.reshape(*x.shape[:2], -1, *self.grid[1:])

    def adjoint(self, y: Tensor) -> Tensor:
        """``A^T y``, by the model."""
        return self.inverse(self.spread(self.transform(y), self.responses))

    def transform(self, y: Tensor) -> Tensor:
        """The frequencies ``b c m t' h' w'`` of an observation ``b c t h w``."""
        blocks = y.reshape(*y.shape[:2], self.blocks, *self.grid)
        transformed: Tensor = torch.fft.rfftn(blocks, dim=VIDEO) if self.halved else torch.fft.fftn(blocks, dim=VIDEO)
        return transformed

    def spread(self, coefficients: Tensor, weights: Tensor) -> Tensor:
        """Frequencies ``b c t h w`` of a latent: at each, the sum over ``m`` of `weights` times those that alias to it.

        `weights` have the axes of `responses`.
        """
        b, c = coefficients.shape[:2]
        summed = (weights * coefficients[..., None, :, None, :, None, :]).sum(2)
        return summed.reshape(b, c, *self._sizes[:2], -1)

    def inverse(self, coefficients: Tensor) -> Tensor:
        """The latent ``b c t h w`` with these frequencies."""
        return self._inverse(coefficients, self._sizes)

    def fold(self, power: Tensor) -> Tensor:
        """Real values over all frequencies of a latent, with the axes of one response."""
        at, ah, aw = self.factors
        folded = power.reshape(at, self.grid[0], ah, self.grid[1], aw, self.grid[2])
        return folded[..., : self.responses.shape[-1]]

    def observed(self, power: Tensor) -> Tensor:
        """``A C A^T`` for a ``C`` with these eigenvalues over all frequencies: Hermitian blocks ``t' h' w' m m``."""
        weighted = self.responses * self.fold(power)
        if self.blocks == 1:
            blocks = (self.responses.conj() * weighted).sum((1, 3, 5)).movedim(0, -1)[..., None]
        else:
            blocks = torch.einsum("maibjck,naibjck->ijkmn", self.responses.conj(), weighted)
        return blocks / torch.Size(self.factors).numel()

    @property
    def _sizes(self) -> tuple[int, int, int]:
        (at, ah, aw), (t, h, w) = self.factors, self.grid
        return (at * t, ah * h, aw * w)

    def _inverse(self, coefficients: Tensor, sizes: tuple[int, int, int]) -> Tensor:
        if self.halved:
            halved: Tensor = torch.fft.irfftn(coefficients, s=sizes, dim=VIDEO)
            return halved
        full: Tensor = torch.fft.ifftn(coefficients, dim=VIDEO).real
        return full


def _folded(x: Tensor, grid: tuple[int, int, int]) -> Tensor:
    """The transform of ``... t h w`` with frequencies that alias on `grid` apart: ``... at t' ah h' aw w'``."""
    at, ah, aw = (size // coarse for size, coarse in zip(x.shape[-3:], grid, strict=True))
    transform: Tensor = torch.fft.rfftn(x, dim=VIDEO) if aw == 1 else torch.fft.fftn(x, dim=VIDEO)
    return transform.reshape(*x.shape[:-3], at, grid[0], ah, grid[1], aw, -1)


def _divisor(size: int, coarse: int) -> int:
    """The divisor of `size` next below ``size / coarse``, to the nearest whole number."""
    return next(factor for factor in range(max(1, round(size / coarse)), 0, -1) if size % factor == 0)


def _central(seen: Tensor) -> tuple[int, int, int]:
    """The pixel ``c h w`` nearest to the centre among those that see at least half of what any sees."""
    candidates = (seen >= seen.max() / 2).nonzero()
    centre = torch.tensor([0, seen.shape[1] // 2, seen.shape[2] // 2], device=seen.device)
    nearest = candidates[int((candidates - centre).square().sum(1).argmin())]
    return (int(nearest[0]), int(nearest[1]), int(nearest[2]))
