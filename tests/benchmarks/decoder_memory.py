"""Peak memory and time of a likelihood gradient through a decoder, whole and in chunks of frames.

    OMP_NUM_THREADS=1 python tests/benchmarks/decoder_memory.py [--frames 32] [--size 32]

Each case runs in a process of its own; its peak is read from the operating system, less what the process held before.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from typing import ClassVar, final

import torch
from torch import Tensor, nn

from invsolve import DiscreteSchedule, NoiseLevel, Prediction, Prior, Problem, VideoSpace
from invsolve_operators import TemporalAverage


@final
class DecoderPrior(Prior):
    """Four latent channels, decoded frame by frame by a small convolutional network with eight-fold upsampling."""

    decodes_frames_alone: ClassVar[bool] = True
    schedule = DiscreteSchedule()

    def __init__(self, width: int = 48) -> None:
        torch.manual_seed(0)
        layers: list[nn.Module] = [nn.Conv2d(4, width, 3, padding=1)]
        for _ in range(3):
            layers += [nn.SiLU(), nn.Upsample(scale_factor=2), nn.Conv2d(width, width, 3, padding=1)]
        layers += [nn.SiLU(), nn.Conv2d(width, 3, 3, padding=1)]
        self.decoder = nn.Sequential(*layers).requires_grad_(False)

    def latent_shape(self, space: VideoSpace) -> tuple[int, int, int, int]:
        """An eighth of the size."""
        return (4, space.frames, space.height // 8, space.width // 8)

    def encode(self, video: Tensor) -> Tensor:
        """Not used here: an average."""
        small = nn.functional.avg_pool3d(video, (1, 8, 8))
        return torch.cat([small, small[:, :1]], dim=1)

    def decode(self, z: Tensor) -> Tensor:
        """Each frame by itself."""
        b, c, t, h, w = z.shape
        frames = self.decoder(z.transpose(1, 2).reshape(b * t, c, h, w))
        return frames.reshape(b, t, 3, 8 * h, 8 * w).transpose(1, 2)

    def predict(self, z: Tensor, level: NoiseLevel, condition: Tensor | None = None) -> Prediction:
        """A Gaussian's."""
        return Prediction.from_clean(z, level.a / (level.a**2 + level.s**2) * z, level)


def peak() -> float:
    """Most memory of this process so far [MiB]."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def case(frames: int, size: int, chunk: int | None) -> None:
    """One gradient; prints what it took."""
    torch.set_num_threads(1)
    prior = DecoderPrior()
    space = VideoSpace(frames=frames, height=8 * size, width=8 * size, transfer="linear")
    y = torch.full((1, 3, 1, 8 * size, 8 * size), 0.5)
    problem = Problem(
        operator=TemporalAverage(frames=frames), observation=y, prior=prior, space=space, decode_frames=chunk
    )
    level = prior.schedule.at(500.0)
    z = torch.randn(1, 4, frames, size, size, generator=torch.Generator().manual_seed(0))
    prior.decode(z[:, :, :1, :8, :8])  # libraries load their own memory at first use
    before, began = peak(), time.process_time()
    trace = problem.trace(z, level)
    gradient = trace.pull(problem.squared_residual_gradient(trace.video, trace.residual))
    took = time.process_time() - began
    print(json.dumps([peak() - before, took, float(gradient.norm())]))


def measured(frames: int, size: int, chunk: int | None) -> tuple[float, float, float]:
    command = [sys.executable, __file__, "--frames", str(frames), "--size", str(size), "--case", str(chunk or 0)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    memory, took, norm = json.loads(done.stdout)
    return memory, took, norm


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=32)
    parser.add_argument("--size", type=int, default=16, help="height and width of a latent frame")
    parser.add_argument("--case", type=int, help="run one case: frames in a chunk, 0 for all at once")
    given = parser.parse_args()
    if given.case is not None:
        case(given.frames, given.size, given.case or None)
        return
    whole = measured(given.frames, given.size, None)
    print("| frames at a time | peak [MiB] | of one pass | CPU time [s] | of one pass |\n|---|---|---|---|---|")
    for chunk in (None, 8, 4, 2, 1):
        memory, took, norm = whole if chunk is None else measured(given.frames, given.size, chunk)
        if abs(norm - whole[2]) > 1e-4 * whole[2]:
            raise SystemExit(f"the gradient changed: norm {norm} instead of {whole[2]}")
        print(f"| {chunk or 'all'} | {memory:.0f} | {memory / whole[0]:.3f} | {took:.2f} | {took / whole[1]:.2f} |")


if __name__ == "__main__":
    main()
