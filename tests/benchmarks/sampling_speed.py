"""What the framework costs a step of DPS beside a loop written by hand, in one run on one thread.

    OMP_NUM_THREADS=1 python tests/benchmarks/sampling_speed.py [--rounds 60] [--steps 50]

The arms take turns: the bare network (forward and one vector-Jacobian product), a hand-written DPS loop, the same with
noise that does not depend on the batch, `solve`, and, where deepinv can be imported, its DPS on the same network and
operator. Float32, 8 frames of 3 x 16 x 16. A step lasts from one call of the network to the next, in CPU time of the
process; of all steps the fastest twentieth tells what a step costs undisturbed, where other work on the machine makes
medians say more of caches lost than of code. The start and the end of a run are not in it. The calls are counted.
"""

import argparse
import math
import time
from collections.abc import Callable
from itertools import pairwise
from typing import ClassVar, final

import torch
from torch import Tensor, nn

from invsolve import (
    DiscreteSchedule,
    LinearOperator,
    NoiseLevel,
    Prediction,
    Prior,
    Problem,
    SeededRandomness,
    VideoSpace,
    solve,
)
from invsolve_operators import TemporalAverage
from invsolve_samplers import DPS

FRAMES, SIZE = 8, 16
SPACE = VideoSpace(frames=FRAMES, height=SIZE, width=SIZE, transfer="linear")


def network() -> nn.Module:
    """A tiny denoiser of the frames as channels."""
    torch.manual_seed(0)
    channels = 3 * FRAMES
    layers = [nn.Conv2d(channels, 32, 3, padding=1), nn.SiLU(), nn.Conv2d(32, channels, 3, padding=1)]
    return nn.Sequential(*layers).requires_grad_(False).eval()


@final
class TinyPrior(Prior):
    """The network as a noise prediction of videos in [-1, 1]."""

    decodes_frames_alone: ClassVar[bool] = True
    schedule = DiscreteSchedule()

    def __init__(self, net: nn.Module) -> None:
        self.net = net

    def latent_shape(self, space: VideoSpace) -> tuple[int, int, int, int]:
        """The video's own shape."""
        return space.shape

    def encode(self, video: Tensor) -> Tensor:
        """``2 x - 1``."""
        return 2 * video - 1

    def decode(self, z: Tensor) -> Tensor:
        """``(z + 1) / 2``."""
        return (z + 1) / 2

    def predict(self, z: Tensor, level: NoiseLevel, condition: Tensor | None = None) -> Prediction:
        """From the predicted noise."""
        return Prediction.from_eps(z, self.net(z.flatten(1, 2)).reshape(z.shape), level)


def bare(net: nn.Module, steps: int) -> Callable[[], object]:
    """The network's own work."""
    z = torch.randn(1, 3 * FRAMES, SIZE, SIZE)

    def run() -> None:
        for _ in range(steps):
            leaf = z.detach().requires_grad_()
            torch.autograd.grad(net(leaf), leaf, z)

    return run


def shared_noise(z: Tensor, step: int) -> Tensor:
    """One generator for everything, as one writes it in a notebook."""
    return torch.randn_like(z)


def own_noise(z: Tensor, step: int) -> Tensor:
    """A generator for this sample and step, as `solve` has it: the same noise in any batch."""
    return SeededRandomness(0, step=step).normal(z)


def by_hand(net: nn.Module, y: Tensor, steps: int, noise: Callable[[Tensor, int], Tensor]) -> Callable[[], object]:
    """DPS as one writes it in a notebook."""
    abar = torch.cumprod(1 - torch.linspace(1e-4, 0.02, 1000, dtype=torch.float64), 0)
    times = [round(1000 * k / steps) - 1 for k in range(steps, 0, -1)]
    table = [float(abar[t]) for t in times] + [1.0]

    def run() -> Tensor:
        torch.manual_seed(0)
        z = torch.randn(1, 3, FRAMES, SIZE, SIZE)
        for step, (now, following) in enumerate(pairwise(table)):
            leaf = z.detach().requires_grad_()
            eps = net(leaf.flatten(1, 2)).reshape(leaf.shape)
            z0 = (leaf - math.sqrt(1 - now) * eps) / math.sqrt(now)
            residual = y - ((z0 + 1) / 2).mean(2, keepdim=True)
            norm = residual.square().sum((1, 2, 3, 4)).sqrt()
            (gradient,) = torch.autograd.grad(norm.sum(), leaf)
            alpha = now / following
            beta = 1 - alpha
            mean = math.sqrt(following) * beta / (1 - now) * z0.detach()
            mean = mean + math.sqrt(alpha) * (1 - following) / (1 - now) * z
            std = math.sqrt(beta * (1 - following) / (1 - now))
            z = mean + std * noise(z, step) - 2 * gradient
        return (z + 1) / 2

    return run


def by_deepinv(net: nn.Module, operator: LinearOperator, y: Tensor, steps: int) -> Callable[[], object] | None:
    """deepinv's DPS with its DDPM solver in float32, on videos in [-1, 1]; None where it cannot be imported."""
    try:
        from deepinv.models import Denoiser
        from deepinv.physics import LinearPhysics
        from deepinv.sampling import DPS as DeepinvDPS
    except ImportError:
        return None

    class Denoise(Denoiser):  # type: ignore[misc]
        def forward(self, x: Tensor, sigma: Tensor, *_: object, **__: object) -> Tensor:
            sigma = self._handle_sigma(sigma, ndim=x.ndim, device=x.device, dtype=x.dtype)
            z = x / (1 + sigma**2).sqrt()
            return x - sigma * net(z.flatten(1, 2)).reshape(x.shape)

    physics = LinearPhysics(A=lambda x, **_: operator.forward(x), A_adjoint=lambda r, **_: operator.adjoint(r))
    # n + 1 times are n steps.
    sampler = DeepinvDPS(
        Denoise(), num_steps=steps + 1, dtype=torch.float32, device="cpu", minus_one_one=False, weight=1.0
    )
    shape = (1, *SPACE.shape)
    return lambda: sampler(2 * y - 1, physics, x_init=shape, seed=0, denoise_output=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--steps", type=int, default=50)
    given = parser.parse_args()
    torch.set_num_threads(1)
    net = network()
    y = torch.full((1, 3, 1, SIZE, SIZE), 0.5)
    problem = Problem(operator=TemporalAverage(frames=FRAMES), observation=y, prior=TinyPrior(net), space=SPACE)
    sampler = DPS(steps=given.steps, scale=1.0)
    arms = {
        "bare network": bare(net, given.steps),
        "by hand": by_hand(net, y, given.steps, shared_noise),
        "by hand, noise of its own for each sample": by_hand(net, y, given.steps, own_noise),
        "invsolve": lambda: solve(problem, sampler, seed=0, throw=False),
    }
    if (deepinv := by_deepinv(net, problem.linear, y, given.steps)) is not None:
        arms["deepinv"] = deepinv
    stamps: list[int] = []
    net.register_forward_pre_hook(lambda *_: stamps.append(time.process_time_ns()))
    spent: dict[str, list[float]] = {name: [] for name in arms}
    called: dict[str, float] = {}
    for turn in range(given.rounds + 1):
        for name, run in arms.items():
            stamps.clear()
            run()
            called[name] = len(stamps) / given.steps
            if turn > 0:  # the first round warms up
                spent[name] += [1e-6 * (after - before) for before, after in pairwise(stamps)]
    quick, usual = ({name: quantile(times, q) for name, times in spent.items()} for q in (0.05, 0.5))
    print("| arm | ms a step (fastest 5 %) | (median) | over the bare network | network calls a step |")
    print("|---|---|---|---|---|")
    for name, least in quick.items():
        over = least - quick["bare network"]
        print(f"| {name} | {least:.3f} | {usual[name]:.3f} | {over:+.3f} | {called[name]:g} |")
    for name in [name for name in arms if name not in ("bare network", "invsolve")]:
        shares = [(row["invsolve"] - row["bare network"]) / (row[name] - row["bare network"]) for row in (quick, usual)]
        print(f"framework cost over '{name}': {shares[0]:.2f}, by medians {shares[1]:.2f}")


def quantile(times: list[float], q: float) -> float:
    return sorted(times)[int(q * len(times))]


if __name__ == "__main__":
    main()
