"""What the framework costs a step of DPS beside a loop written by hand, in one run on one thread.

    OMP_NUM_THREADS=1 python tests/benchmarks/sampling_speed.py [--rounds 15] [--steps 200] [--device cpu]

The arms take turns: the bare network (forward and one vector-Jacobian product), a hand-written DPS loop, the same with
noise that does not depend on the batch, `solve`, and, where deepinv can be imported, its DPS on the same network and
operator. CPU time of the process, float32, 8 frames of 3 x 16 x 16. The network's calls are counted.
"""

import argparse
import math
import statistics
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


def bare(net: nn.Module, steps: int, device: str) -> Callable[[], object]:
    """The network's own work."""
    z = torch.randn(1, 3 * FRAMES, SIZE, SIZE, device=device)

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
        z = torch.randn(1, 3, FRAMES, SIZE, SIZE, device=y.device)
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
        Denoise(), num_steps=steps + 1, dtype=torch.float32, device=y.device, minus_one_one=False, weight=1.0
    )
    shape = (1, *SPACE.shape)
    return lambda: sampler(2 * y - 1, physics, x_init=shape, seed=0, denoise_output=False)


def calls(net: nn.Module, run: Callable[[], object]) -> int:
    """How often `run` calls the network."""
    seen: list[None] = []
    handle = net.register_forward_hook(lambda *_: seen.append(None))
    run()
    handle.remove()
    return len(seen)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--device", default="cpu")
    given = parser.parse_args()
    torch.set_num_threads(1)
    net = network().to(given.device)
    y = torch.full((1, 3, 1, SIZE, SIZE), 0.5, device=given.device)
    problem = Problem(operator=TemporalAverage(frames=FRAMES), observation=y, prior=TinyPrior(net), space=SPACE)
    sampler = DPS(steps=given.steps, scale=1.0)
    arms = {
        "bare network": bare(net, given.steps, given.device),
        "by hand": by_hand(net, y, given.steps, shared_noise),
        "by hand, noise of its own for each sample": by_hand(net, y, given.steps, own_noise),
        "invsolve": lambda: solve(problem, sampler, seed=0, throw=False),
    }
    if (deepinv := by_deepinv(net, problem.linear, y, given.steps)) is not None:
        arms["deepinv"] = deepinv
    called = {name: calls(net, run) / given.steps for name, run in arms.items()}
    clock = time.process_time if given.device == "cpu" else time.perf_counter
    spent: dict[str, list[float]] = {name: [] for name in arms}
    for turn in range(given.rounds + 1):
        for name, run in arms.items():
            began = clock()
            run()
            if given.device != "cpu":
                torch.cuda.synchronize()
            if turn > 0:  # the first round warms up
                spent[name].append(1e3 * (clock() - began) / given.steps)
    best = {name: min(times) for name, times in spent.items()}
    print(
        "| arm | ms a step (least) | (median) | over the bare network | network calls a step |\n|---|---|---|---|---|"
    )
    for name, times in spent.items():
        over = best[name] - best["bare network"]
        print(f"| {name} | {best[name]:.3f} | {statistics.median(times):.3f} | {over:+.3f} | {called[name]:g} |")
    cost = {name: least - best["bare network"] for name, least in best.items()}
    for name in list(arms)[1:3]:
        print(f"framework cost over '{name}': {cost['invsolve'] / cost[name]:.2f}")


if __name__ == "__main__":
    main()
