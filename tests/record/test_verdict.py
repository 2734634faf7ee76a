"""Samples are judged once: what is measured and drawn of them reads the verdict, and asks the operator no more."""

from typing import Any, final

import attrs
import pytest
import torch
from torch import Tensor

from invsolve.figures.clip_figure import write_clip_figure
from invsolve.figures.error_map import write_error_map
from invsolve.figures.side_by_side import write_side_by_side
from invsolve.media import Recording
from invsolve.metrics import BestDirection, Modes, Reblur, Reconstruction
from invsolve.metrics.measured import measured
from invsolve.noise import GaussianNoise
from invsolve.operator import LinearOperator
from invsolve.problem import Problem
from invsolve.record.reconstructed import reconstruction_of
from invsolve.sampler import Sampler
from invsolve.solving.loop import solve
from invsolve.video.space import VideoSpace
from tests.core.parts import StandardNormal

SHAPE = (1, 3, 4, 12, 14)
TRUTH = torch.rand(*SHAPE, generator=torch.Generator().manual_seed(0))
SAMPLES = 3


@final
@attrs.frozen(eq=False)
class Counting(LinearOperator):
    """The mean of all frames, and every video that it was shown."""

    shown: list[Tensor] = attrs.field(factory=list, repr=False)

    def forward(self, x: Tensor) -> Tensor:
        self.shown.extend(x.detach().clone())
        return x.mean(2, keepdim=True)

    def adjoint(self, y: Tensor) -> Tensor:
        return y.expand(-1, -1, 4, -1, -1) / 4


@final
@attrs.frozen
class Near(Sampler[Tensor]):
    """The truth with a little noise, each second sample backwards; asks the operator nothing."""

    steps: int = 1

    def init(self, problem: Problem, rng: Any) -> Tensor:
        return TRUTH.expand(problem.count, -1, -1, -1, -1) + 0.01 * rng.normal(torch.empty(problem.count, *SHAPE[1:]))

    def step(self, problem: Problem, state: Tensor, i: int, rng: Any) -> tuple[Tensor, dict[str, Tensor]]:
        backwards = torch.arange(len(state))[:, None, None, None, None] % 2 == 1
        return torch.where(backwards, state.flip(2), state), {}

    def estimate(self, problem: Problem, state: Tensor) -> Tensor:
        return state


def test_the_operator_is_asked_once_whether_a_sample_may_be_reversed(tmp_path):
    operator, space = Counting(), VideoSpace.of(TRUTH, transfer="linear")
    seen = TRUTH.mean(2, keepdim=True)
    problem = Problem(operator, seen, StandardNormal(), GaussianNoise(std=0.1), space=space)
    recording = Recording(
        video=seen,
        space=VideoSpace.of(seen, transfer="linear"),
        name="a",
        sha256="",
        truth=TRUTH,
        truth_space=space,
    )
    solution = solve(problem, Near(), seed=0, samples=SAMPLES)
    reconstruction = reconstruction_of(solution, problem, recording)
    values = measured((Reblur(), BestDirection(), Modes()), reconstruction)
    write_clip_figure(tmp_path / "a.png", reconstruction)
    write_side_by_side(tmp_path / "a.mp4", reconstruction)
    write_error_map(tmp_path / "b.png", reconstruction)
    assert solution.reversible
    assert reconstruction.reversible
    assert values["both_directions"] == 1.0
    asked = [video for video in operator.shown if video.unique().numel() > 1]  # flat ones: for the shape alone
    for sample in solution.video[:, 0]:
        # once as it is, for its chi-square, and once reversed
        assert sum(torch.equal(sample, video) for video in asked) == 1
        assert sum(torch.equal(sample.flip(1), video) for video in asked) == 1
    # besides, Reblur asks for the mean of the samples and for the truth
    assert len(asked) == 2 * SAMPLES + 2
    assert values["reblur_chi_square"] == pytest.approx(solution.chi_square[:, 0].tolist())


def test_the_answer_is_that_of_all_samples():
    """A first sample that does not move says nothing of those that do."""

    class FirstFrame(LinearOperator):
        def forward(self, x: Tensor) -> Tensor:
            return x[:, :, :1]

        def adjoint(self, y: Tensor) -> Tensor:
            return torch.cat([y, torch.zeros_like(y).expand(-1, -1, 3, -1, -1)], dim=2)

    still = TRUTH[:, :, :1].expand(*SHAPE)

    def reversible(*samples: Tensor) -> bool:
        space, seen = VideoSpace.of(TRUTH), TRUTH[:, :, :1]
        return Reconstruction(
            video=torch.stack(samples),
            space=space,
            observation=seen,
            observation_space=VideoSpace.of(seen),
            operator=FirstFrame(),
            noise=GaussianNoise(std=0.1),
        ).reversible

    assert reversible(still, still)
    assert not reversible(still, TRUTH)
