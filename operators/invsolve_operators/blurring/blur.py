"""`Blur`: sums over a sliding kernel and their transpose, with borders, by Fourier transform or directly."""

from typing import Final, Literal, final

import attrs
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from invsolve.arrays import Array
from invsolve.cache import Cache
from invsolve.operator.fourier import FourierSpectrum
from invsolve_operators.blurring.borders import Border, Margins, extend, fold, least_size

Method = Literal["auto", "fft", "direct"]

# Direct sums beat the Fourier transform up to about this many taps (on a CPU in float32 only: oneDNN has no float64)
CPU_DIRECT_TAPS: Final = 81
GPU_DIRECT_TAPS: Final = 49


@final
@attrs.frozen(eq=False)
class Blur:
    """``y[c, t, p] = sum_q taps[c, t, q] x[c, t, p - q + o]`` with the origin ``o = (kh//2, kw//2)``.

    Attributes:
        taps: ``c t kh kw``, float64; ``c`` is 1 where all channels share a kernel, ``t`` where all frames do.
        border: what lies beyond the frame.
        method: ``fft``, ``direct`` or ``auto``.
    """

    taps: Array
    border: Border
    method: Method
    _cache: Cache = attrs.field(init=False, factory=Cache)

    @property
    def margins(self) -> Margins:
        """Pixels that the border adds around a frame: more at the top and left for kernels of even size."""
        kh, kw = self.taps.shape[2:]
        return (kh - 1 - kh // 2, kh // 2, kw - 1 - kw // 2, kw // 2)

    @property
    def trimmed(self) -> tuple[int, int]:
        """Rows and columns by which the output is smaller than its input."""
        kh, kw = self.taps.shape[2:]
        return (kh - 1, kw - 1) if self.border == "valid" else (0, 0)

    def least(self) -> tuple[int, int]:
        """The smallest input that the border can be applied to."""
        if self.border == "valid":
            return (self.taps.shape[2], self.taps.shape[3])
        if self.border == "circular" and self.method != "direct":
            return (1, 1)
        top, bottom, left, right = self.margins
        return (least_size(self.border, top, bottom), least_size(self.border, left, right))

    def forward(self, x: Tensor) -> Tensor:
        """Slide the kernel over each frame."""
        height, width = (x.shape[axis] - trim for axis, trim in zip((-2, -1), self.trimmed, strict=True))
        if self._directly(x):
            return _correlate(extend(x, self.border, self.margins), self._weights(x, mirrored=True), (0, 0))
        if self.border == "circular":
            return self.circular(height, width, x.dtype, x.device).apply(x)
        extended = extend(x, self.border, self.margins)
        spectrum = self._linear(extended.shape[-2], extended.shape[-1], x)
        return spectrum.apply(_fill(extended, spectrum.height, spectrum.width))[..., :height, :width]

    def adjoint(self, y: Tensor) -> Tensor:
        """The transpose: each output spreads over the pixels that it came from."""
        if self.border == "circular" and not self._directly(y):
            return self.circular(y.shape[-2], y.shape[-1], y.dtype, y.device).apply_adjoint(y)
        kh, kw = self.taps.shape[2:]
        height, width = y.shape[-2] + kh - 1, y.shape[-1] + kw - 1
        if self._directly(y) and self.border == "circular":
            top, bottom, left, right = self.margins
            around = extend(y, self.border, (bottom, top, right, left))
            return _correlate(around, self._weights(y, mirrored=False), (0, 0))
        if self._directly(y):
            spread = _correlate(y, self._weights(y, mirrored=False), (kh - 1, kw - 1))
            return fold(spread, self.border, self.margins)
        spectrum = self._linear(height, width, y)
        spread = spectrum.apply_adjoint(_fill(y, spectrum.height, spectrum.width))[..., :height, :width]
        return fold(spread, self.border, self.margins)

    def circular(self, height: int, width: int, dtype: torch.dtype, device: torch.device) -> FourierSpectrum:
        """The spectrum on the circle, for frames of any size; a kernel that is larger wraps around."""
        origin = (self.taps.shape[2] // 2, self.taps.shape[3] // 2)
        return self._spectrum(height, width, origin, dtype, device)

    def _linear(self, height: int, width: int, like: Tensor) -> FourierSpectrum:
        """The spectrum on a circle so large that nothing wraps into the pixels that count."""
        origin = (self.taps.shape[2] - 1, self.taps.shape[3] - 1)
        return self._spectrum(fast_size(height), fast_size(width), origin, like.dtype, like.device)

    def _spectrum(
        self, height: int, width: int, origin: tuple[int, int], dtype: torch.dtype, device: torch.device
    ) -> FourierSpectrum:
        def make() -> FourierSpectrum:
            symbol = np.fft.rfft2(wrap(self.taps, height, width, origin))
            symbol = symbol[0] if len(symbol) == 1 else symbol
            complex_dtype = torch.complex128 if dtype == torch.float64 else torch.complex64
            return FourierSpectrum(torch.from_numpy(symbol).to(device, complex_dtype), height, width)

        return self._cache.get((height, width, origin, dtype, device), make)

    def _directly(self, x: Tensor) -> bool:
        if self.method != "auto" or x.numel() == 0:
            return self.method == "direct" and x.numel() > 0
        taps = self.taps.shape[2] * self.taps.shape[3]
        most = GPU_DIRECT_TAPS if x.device.type == "cuda" else CPU_DIRECT_TAPS if x.dtype == torch.float32 else 0
        return taps <= most and self._fits(x)

    def _fits(self, x: Tensor) -> bool:
        top, bottom, left, right = self.margins
        return x.shape[-2] >= least_size(self.border, top, bottom) and x.shape[-1] >= least_size(
            self.border, left, right
        )

    def _weights(self, like: Tensor, *, mirrored: bool) -> Tensor:
        def make() -> Tensor:
            # torch correlates: the kernel is mirrored to convolve, and as it is for the transpose
            taps = self.taps[..., ::-1, ::-1] if mirrored else self.taps
            return torch.from_numpy(taps.copy()).to(like.device, like.dtype)

        return self._cache.get(("taps", mirrored, like.dtype, like.device), make)


def _correlate(frames: Tensor, weights: Tensor, padding: tuple[int, int]) -> Tensor:
    """Each frame with its kernel ``c t kh kw``; all planes are channels of one picture, which oneDNN is quickest at."""
    b, c, t, height, width = frames.shape
    kh, kw = weights.shape[2:]
    kernels = weights.expand(b, c, t, kh, kw).reshape(b * c * t, 1, kh, kw)
    correlated = F.conv2d(frames.reshape(1, b * c * t, height, width), kernels, padding=padding, groups=b * c * t)
    return correlated.reshape(b, c, t, *correlated.shape[-2:])


def wrap(taps: Array, height: int, width: int, origin: tuple[int, int]) -> Array:
    """Kernels ``c t kh kw`` on the circle ``c t height width`` with `origin` at pixel 0 0."""
    rows = (np.arange(taps.shape[2]) - origin[0]) % height
    columns = (np.arange(taps.shape[3]) - origin[1]) % width
    wrapped = np.zeros((*taps.shape[:2], height, width))
    for place in np.ndindex(taps.shape[:2]):
        np.add.at(wrapped[place], (rows[:, None], columns[None, :]), taps[place])
    return wrapped


def fast_size(size: int) -> int:
    """The next size without prime factors above 5, for which Fourier transforms are fast."""
    while True:
        rest = size
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return size
        size += 1


def _fill(x: Tensor, height: int, width: int) -> Tensor:
    """Zeros at the bottom and right."""
    return F.pad(x, (0, width - x.shape[-1], 0, height - x.shape[-2]))
