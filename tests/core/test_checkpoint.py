import contextlib
from pathlib import Path
from typing import final

import attrs
import pytest
import torch
from safetensors.torch import save_file

import invsolve as iv
from invsolve.errors import ComponentError, ReadError, RunFailed, UsageError, WriteError
from invsolve.solving.state_tree import flatten, restore
from tests.core.parts import StandardNormal, Walk

Y = torch.rand(2, 3, 1, 4, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
PROBLEM = iv.Problem(iv.Identity(), Y, StandardNormal())


class Interrupt(iv.Observer):
    """Presses Ctrl-C after a step."""

    def __init__(self, step):
        self.step = step

    def notify(self, event):
        if isinstance(event, iv.Stepped) and event.step == self.step:
            raise KeyboardInterrupt


@pytest.mark.parametrize("chunk", [None, 2, 4])
@pytest.mark.parametrize("stops", [(1,), (3, 4), (2, 6, 9)])
def test_an_interrupted_run_goes_on_bit_for_bit(tmp_path, chunk, stops):
    through = iv.solve(PROBLEM, Walk(), seed=0, samples=3, chunk=chunk)
    saved = iv.Checkpoint(tmp_path / "state.safetensors", every_seconds=0)
    for stop in stops:
        if stop <= 6 * -(-6 // (chunk or 6)):
            with contextlib.suppress(KeyboardInterrupt):
                iv.solve(PROBLEM, Walk(), seed=0, samples=3, chunk=chunk, checkpoint=saved, observers=[Interrupt(stop)])
    resumed = iv.solve(PROBLEM, Walk(), seed=0, samples=3, chunk=chunk, checkpoint=saved)
    assert torch.equal(resumed.video, through.video)
    assert torch.equal(resumed.trace["misfit"], through.trace["misfit"])


def test_a_resumed_run_does_not_repeat_steps(tmp_path):
    saved = iv.Checkpoint(tmp_path / "state.safetensors", every_seconds=0)
    with pytest.raises(KeyboardInterrupt):
        iv.solve(PROBLEM, Walk(), seed=0, checkpoint=saved, observers=[Interrupt(4)])
    events = []

    class Recorder(iv.Observer):
        def notify(self, event):
            events.append(event)

    iv.solve(PROBLEM, Walk(), seed=0, checkpoint=saved, observers=[Recorder()])
    assert events[0].step == 3  # the interruption came before step 4 was saved
    assert len([event for event in events if isinstance(event, iv.Stepped)]) == 3


def test_another_problem_seed_or_sampler_is_refused(tmp_path):
    path = tmp_path / "state.safetensors"
    saved = iv.Checkpoint(path, every_seconds=0)
    iv.solve(PROBLEM, Walk(), seed=0, throw=False, checkpoint=saved, time_limit=0.0)
    assert path.exists()
    other = attrs.evolve(PROBLEM, observation=Y + 1e-9)
    for problem, sampler, seed in ((other, Walk(), 0), (PROBLEM, Walk(scale=0.2), 0), (PROBLEM, Walk(), 1)):
        with pytest.raises(UsageError, match="belongs to another run"):
            iv.solve(problem, sampler, seed=seed, checkpoint=saved)


@final
@attrs.frozen
class FromFile(iv.LinearOperator):
    """Scales by the number in a file."""

    path: Path

    def forward(self, x):
        return float(self.path.read_text()) * x

    def adjoint(self, y):
        return self.forward(y)


def test_a_file_that_changed_under_its_path_is_another_problem(tmp_path):
    factor = tmp_path / "factor.txt"
    factor.write_text("0.5")
    saved = iv.Checkpoint(tmp_path / "state.safetensors", every_seconds=0)
    problem = iv.Problem(FromFile(factor), Y, StandardNormal())
    iv.solve(problem, Walk(), seed=0, throw=False, checkpoint=saved, time_limit=0.0)
    factor.write_text("0.6")
    with pytest.raises(UsageError, match="belongs to another run"):
        iv.solve(problem, Walk(), seed=0, checkpoint=saved)


def test_damaged_and_foreign_files_are_refused(tmp_path):
    path = tmp_path / "state.safetensors"
    path.write_bytes(b"not a checkpoint")
    with pytest.raises(ReadError, match="cannot be read as a checkpoint"):
        iv.solve(PROBLEM, Walk(), seed=0, checkpoint=path)
    save_file({"w": torch.zeros(1)}, path)
    with pytest.raises(ReadError, match="not a checkpoint of a run"):
        iv.solve(PROBLEM, Walk(), seed=0, checkpoint=path)


def test_a_checkpoint_without_a_folder_is_refused_before_any_work(tmp_path):
    with pytest.raises(WriteError, match="make its folder"):
        iv.solve(PROBLEM, Walk(), seed=0, checkpoint=tmp_path / "missing" / "state.safetensors")


def test_a_place_that_can_no_longer_be_written_is_said(tmp_path):
    folder = tmp_path / "short-lived"
    folder.mkdir()

    class Vandal(iv.Observer):
        def notify(self, event):
            if isinstance(event, iv.Started):
                folder.rmdir()

    saved = iv.Checkpoint(folder / "state.safetensors", every_seconds=0)
    with pytest.raises(
        RunFailed, match=r"^the checkpoint .*state\.safetensors cannot be written: .* Choose another folder\.$"
    ):
        iv.solve(PROBLEM, Walk(), seed=0, checkpoint=saved, observers=[Vandal()])


@attrs.frozen
class Nested:
    a: torch.Tensor
    b: tuple[torch.Tensor, None, float] | None
    c: dict[str, torch.Tensor]


def test_states_of_every_shape_survive():
    state = Nested(torch.ones(2), (torch.zeros(1, dtype=torch.int64), None, 0.5), {"x": torch.full((1,), 3.0)})
    tensors = {}
    skeleton = flatten(state, "s", tensors)
    template = Nested(torch.empty(0), None, {})
    back = restore(skeleton, tensors, template, torch.device("cpu"))
    assert torch.equal(back.a, state.a)
    assert back.b[1:] == (None, 0.5)
    assert back.b[0].dtype == torch.int64
    assert torch.equal(back.c["x"], state.c["x"])
    with pytest.raises(ComponentError, match="holds a set"):
        flatten({1, 2}, "s", {})


def test_a_checkpoint_lies_at_a_path():
    assert iv.Checkpoint("somewhere/state.safetensors").path == Path("somewhere/state.safetensors")
    with pytest.raises(ComponentError, match="a path must be a string or a Path, got 5"):
        iv.Checkpoint(5)
