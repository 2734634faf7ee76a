"""Time operators, forward and adjoint, against the plain torch expressions that do the same, in one run.

    OMP_NUM_THREADS=2 python tests/benchmarks/operators.py [--rounds 30] [--device cpu]

Prints a table in Markdown. Where deepinv is installed, its nearest operators run in the same loop.
"""

import argparse
import importlib.util
import sys
import time
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from invsolve import LinearOperator
from invsolve_operators import Convolution, DownsampledAverage, TemporalAverage

FRAMES, CHANNELS, SIZE = 16, 3, 256
Round = Callable[[], object]


def both_ways(operator: LinearOperator, x: Tensor) -> Round:
    """Forward, then adjoint of the result."""
    return lambda: operator.adjoint(operator.forward(x))


def plain_average(x: Tensor, frames: int) -> Round:
    """The mean over groups of frames, and its transpose written out."""
    b, c, t, h, w = x.shape

    def round_trip() -> Tensor:
        y = x.reshape(b, c, t // frames, frames, h, w).mean(3)
        # Written out, as any use of it would; expand alone only promises.
        return (y / frames)[:, :, :, None].expand(b, c, t // frames, frames, h, w).contiguous().reshape(x.shape)

    return round_trip


def plain_fourier(x: Tensor, operator: Convolution) -> Round:
    """Multiplication by the kernel's transform, which is made beforehand, and by its conjugate."""
    h, w = x.shape[-2:]
    taps = operator.taps[0].to(x)
    kh, kw = taps.shape
    shifted = F.pad(taps, (0, w - kw, 0, h - kh)).roll((-(kh // 2), -(kw // 2)), (0, 1))
    symbol = torch.fft.rfft2(shifted)

    def round_trip() -> Tensor:
        y = torch.fft.irfft2(torch.fft.rfft2(x) * symbol, s=(h, w))
        return torch.fft.irfft2(torch.fft.rfft2(y) * symbol.conj(), s=(h, w))

    return round_trip


def plain_direct(x: Tensor, operator: Convolution) -> Round:
    """Circular padding and `conv2d` with a channel per group, and the transpose of both by autograd's own kernels."""
    b, c, t, h, w = x.shape
    taps = operator.taps[0].to(x).flip(0, 1)
    kh, kw = taps.shape
    weight = taps.expand(c, 1, kh, kw).contiguous()
    top, left = kh // 2, kw // 2

    def round_trip() -> Tensor:
        frames = x.transpose(1, 2).reshape(b * t, c, h, w)
        y = F.conv2d(F.pad(frames, (left, left, top, top), mode="circular"), weight, groups=c)
        back = F.conv2d(F.pad(y, (left, left, top, top), mode="circular"), weight.flip(2, 3), groups=c)
        return back.reshape(b, t, c, h, w).transpose(1, 2)

    return round_trip


def plain_blocks(x: Tensor, block: int, frames: int) -> Round:
    """Mean over frames, average pooling, and their transposes."""
    b, c, t, h, w = x.shape

    def round_trip() -> Tensor:
        y = F.avg_pool2d(x.reshape(b * c, t // frames, frames, h, w).mean(2), block)
        wide = (y / (frames * block**2)).repeat_interleave(block, -1).repeat_interleave(block, -2)
        return wide[:, :, None].expand(b * c, t // frames, frames, h, w).contiguous().reshape(x.shape)

    return round_trip


def deepinv_blur(x: Tensor, operator: Convolution) -> dict[str, Round]:
    """deepinv's blur operators, on frames as a batch."""
    if importlib.util.find_spec("deepinv") is None:
        return {}
    from deepinv.physics import Blur, BlurFFT

    frames = x.transpose(1, 2).reshape(-1, CHANNELS, *x.shape[-2:])
    taps = operator.taps[0].to(x)[None, None]
    fourier = BlurFFT(img_size=tuple(frames.shape[1:]), filter=taps)
    direct = Blur(filter=taps, padding="circular")
    return {
        "deepinv BlurFFT": lambda: fourier.A_adjoint(fourier.A(frames)),
        "deepinv Blur": lambda: direct.A_adjoint(direct.A(frames)),
    }


def best(rounds: dict[str, Round], count: int, device: str) -> dict[str, float]:
    """Least milliseconds of each; taken in turns, so that all see the same machine.

    Each runs once before it is timed: the first call after another's pays for the pages that the other gave back.
    """
    times: dict[str, list[float]] = {name: [] for name in rounds}
    for i in range(count + 2):
        for name, round_trip in rounds.items():
            round_trip()
            start = time.perf_counter()
            round_trip()
            if device == "cuda":
                torch.cuda.synchronize()
            if i >= 2:
                times[name].append(time.perf_counter() - start)
    return {name: 1e3 * min(taken) for name, taken in times.items()}


def main() -> int:
    """Print the table; 1 if an operator takes more than 1.1 times the fastest alternative."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--device", default="cpu")
    arguments = parser.parse_args()
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(1, CHANNELS, FRAMES, SIZE, SIZE, generator=generator).to(arguments.device)
    cases: list[tuple[str, LinearOperator, dict[str, Round]]] = []
    for frames in (16, 8):
        cases.append(
            (f"temporal_average, {frames} frames", TemporalAverage(frames=frames), {"torch": plain_average(x, frames)})
        )
    blocks = DownsampledAverage(frames=16, block=4)
    cases.append(("downsampled_average, 16 frames, block 4", blocks, {"torch": plain_blocks(x, 4, 16)}))
    for size in (5, 15, 31):
        blur = Convolution(kernel="camera_shake", size=size, seed=0)
        others = {"torch FFT": plain_fourier(x, blur), "torch conv2d": plain_direct(x, blur), **deepinv_blur(x, blur)}
        cases.append((f"convolution, {size} x {size}", blur, others))
    print(f"torch {torch.__version__}, {arguments.device}, {torch.get_num_threads()} threads, float32,")
    print(f"{FRAMES} frames x {CHANNELS} x {SIZE} x {SIZE}, forward + adjoint,")
    print(f"best of {arguments.rounds} rounds taken in turns\n")
    print("| operator | ours [ms] | alternatives [ms] | ours / fastest |")
    print("|---|---|---|---|")
    worst = 0.0
    for name, operator, others in cases:
        ours = both_ways(operator, x)
        for alternative in others.values():
            found = alternative()
            if isinstance(found, Tensor) and found.shape == x.shape:
                assert torch.allclose(found, operator.adjoint(operator.forward(x)), atol=1e-5)
        taken = best({"ours": ours, **others}, arguments.rounds, arguments.device)
        mine = taken.pop("ours")
        ratio = mine / min(taken.values())
        worst = max(worst, ratio)
        listed = ", ".join(f"{other} {spent:.2f}" for other, spent in taken.items())
        print(f"| {name} | {mine:.2f} | {listed} | {ratio:.2f} |")
    return int(worst > 1.1)


if __name__ == "__main__":
    sys.exit(main())
