"""Linear operators that are wrong on purpose, each in one way, and sound ones beside them."""

import attrs
import torch
import torch.nn.functional as F
from torch import Tensor

from invsolve.errors import SpaceError
from invsolve.operator import LinearOperator
from invsolve.operator.pipeline import ScalarSpectrum
from invsolve.operator.spectrum import Spectrum
from invsolve.video.space import VideoSpace


@attrs.frozen
class BlockAverage(LinearOperator):
    """Sound: averages over blocks of ``factor x factor`` pixels; no closed forms, so the defaults are tried."""

    factor: int = 2

    def forward(self, x: Tensor) -> Tensor:
        b, c, t, h, w = x.shape
        f = self.factor
        return x.reshape(b, c, t, h // f, f, w // f, f).mean((4, 6))

    def adjoint(self, y: Tensor) -> Tensor:
        return self.repeat(y) / self.factor**2

    def repeat(self, y: Tensor) -> Tensor:
        return y.repeat_interleave(self.factor, 3).repeat_interleave(self.factor, 4)

    def output_space(self, space: VideoSpace) -> VideoSpace:
        if space.height % self.factor or space.width % self.factor:
            raise SpaceError(f"height and width must be multiples of {self.factor}, got {space}.")
        return attrs.evolve(space, height=space.height // self.factor, width=space.width // self.factor)


@attrs.frozen
class PseudoInverseAsAdjoint(BlockAverage):
    def adjoint(self, y: Tensor) -> Tensor:
        return self.repeat(y)


@attrs.frozen
class AdjointOffByAFactor(BlockAverage):
    def adjoint(self, y: Tensor) -> Tensor:
        return self.repeat(y) / self.factor


@attrs.frozen
class AdjointAsPseudoInverse(BlockAverage):
    def pseudo_inverse(self, y: Tensor) -> Tensor:
        return self.adjoint(y)


@attrs.frozen
class WrongGramSolve(BlockAverage):
    def gram_solve(self, y: Tensor, signal_variance: float, noise_variance: float) -> Tensor:
        return y / (signal_variance + noise_variance)  # forgets that A A^T = I / factor^2


@attrs.frozen
class GramSolveDividesByZeroNoise(BlockAverage):
    def gram_solve(self, y: Tensor, signal_variance: float, noise_variance: float) -> Tensor:
        noise = max(noise_variance, 0.5)  # "for stability"
        return y / (signal_variance / self.factor**2 + (noise_variance or noise))


@attrs.frozen
class WrongProx(BlockAverage):
    def prox(self, x: Tensor, y: Tensor, signal_variance: float, noise_variance: float) -> Tensor:
        return x + self.repeat(y - self.forward(x))  # the projection, whatever the noise


@attrs.frozen
class WrongNorm(BlockAverage):
    def norm(self, space: VideoSpace) -> float:
        return 1.0 / self.factor**2  # of A A^T, not of A


@attrs.frozen
class LooseNorm(BlockAverage):
    def norm(self, space: VideoSpace) -> float:
        return 1.0


@attrs.frozen
class WrongOutputSpace(BlockAverage):
    def output_space(self, space: VideoSpace) -> VideoSpace:
        return attrs.evolve(space, height=space.height // self.factor)


@attrs.frozen
class TooLargeInputSpace(BlockAverage):
    def forward(self, x: Tensor) -> Tensor:
        f = self.factor
        return F.avg_pool3d(x, (1, f, f))

    def output_space(self, space: VideoSpace) -> VideoSpace:
        if min(space.height, space.width) < self.factor:
            raise SpaceError("too small")
        return attrs.evolve(space, height=space.height // self.factor, width=space.width // self.factor)

    def input_space(self, observed: VideoSpace) -> VideoSpace:
        f = self.factor
        return attrs.evolve(observed, height=observed.height * f + 1, width=observed.width * f)


@attrs.frozen
class HiddenRandomness(BlockAverage):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) * (1 + 1e-3 * torch.rand(()))


@attrs.frozen
class SeedsTheWorld(BlockAverage):
    def forward(self, x: Tensor) -> Tensor:
        torch.manual_seed(0)
        return super().forward(x) * (1 + torch.rand(()))


@attrs.frozen
class RemembersItsFirstInput(BlockAverage):
    seen: list[float] = attrs.field(factory=list, eq=False, repr=False, init=False)

    def forward(self, x: Tensor) -> Tensor:
        self.seen.append(1.0)
        return super().forward(x) * min(len(self.seen), 3)


@attrs.frozen
class BatchCoupling(BlockAverage):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) / (1e-3 + x.abs().amax())


@attrs.frozen
class NeedsAnItem(BlockAverage):
    def forward(self, x: Tensor) -> Tensor:
        return torch.stack([super(NeedsAnItem, self).forward(item[None])[0] for item in x])


@attrs.frozen
class ChangesItsInput(BlockAverage):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.mul_(2)) / 2


@attrs.frozen
class DropsTheDtype(BlockAverage):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.float())


@attrs.frozen
class DefaultDtypeConstant(BlockAverage):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) * torch.ones(1)


@attrs.frozen
class SinglePrecisionInside(BlockAverage):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.float()).to(x)


@attrs.frozen
class HardCodedDevice(BlockAverage):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) * torch.ones(1, dtype=x.dtype, device="cpu")


@attrs.frozen
class ReadsMemoryNotStrides(BlockAverage):
    def forward(self, x: Tensor) -> Tensor:
        # what a kernel that takes the pointer and the shape would see
        return super().forward(torch.as_strided(x, x.shape, torch.empty(x.shape).stride()))


@attrs.frozen
class AffinePosingAsLinear(BlockAverage):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) + 0.01


@attrs.frozen
class NonlinearPosingAsLinear(BlockAverage):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.clamp_min(0))


@attrs.frozen
class WrongSpectrum(LinearOperator):
    """``-2 x`` whose singular value is said to be 4."""

    value: float = 4.0

    def forward(self, x: Tensor) -> Tensor:
        return -2 * x

    def adjoint(self, y: Tensor) -> Tensor:
        return -2 * y

    def spectrum(self, space: VideoSpace, dtype: torch.dtype, device: torch.device) -> Spectrum:
        return ScalarSpectrum(torch.tensor(-self.value, dtype=dtype, device=device))


@attrs.frozen
class Blur(LinearOperator):
    """Sound: a zero-border blur along ``w``, and its transpose."""

    taps: tuple[float, ...] = (0.5, 0.3, 0.2)

    def forward(self, x: Tensor) -> Tensor:
        return _correlate(F.pad(x, (1, 1)), x.new_tensor(self.taps))

    def adjoint(self, y: Tensor) -> Tensor:
        return _correlate(F.pad(y, (1, 1)), y.new_tensor(self.taps[::-1]))


@attrs.frozen
class BorderMismatch(Blur):
    def adjoint(self, y: Tensor) -> Tensor:
        return _correlate(F.pad(y, (1, 1, 0, 0, 0, 0), mode="replicate"), y.new_tensor(self.taps[::-1]))


@attrs.frozen
class WindowAverage(LinearOperator):
    """Sound: the mean of each two neighbouring frames."""

    def forward(self, x: Tensor) -> Tensor:
        return (x[:, :, :-1] + x[:, :, 1:]) / 2

    def adjoint(self, y: Tensor) -> Tensor:
        return (F.pad(y, (0, 0, 0, 0, 0, 1)) + F.pad(y, (0, 0, 0, 0, 1, 0))) / 2

    def output_space(self, space: VideoSpace) -> VideoSpace:
        if space.frames < 2:
            raise SpaceError(f"needs at least 2 frames, got {space.frames}.")
        return attrs.evolve(space, frames=space.frames - 1)


@attrs.frozen
class WindowOffByOne(WindowAverage):
    def adjoint(self, y: Tensor) -> Tensor:
        return F.pad(y, (0, 0, 0, 0, 0, 1))  # both halves to the first frame of the window


def _correlate(padded: Tensor, taps: Tensor) -> Tensor:
    return (padded.unfold(-1, len(taps), 1) * taps).sum(-1)
