"""`train`: the loop, with its log, its checkpoints and its pictures."""

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import final

import attrs
import torch

from invsolve.errors import RunFailed
from invsolve.files.atomic import make_folder
from invsolve.media import write_png
from invsolve.prior.precision import Precision, in_bfloat16, is_quick_in_bfloat16
from invsolve.returned import check_instance, refuse
from invsolve.training import Task
from invsolve.validators import literal, number, shown, whole
from invsolve_priors.training.optimisation import Optimisation
from invsolve_priors.training.processes import Processes
from invsolve_priors.training.state import TrainingState

Say = Callable[[str], None]
CHECKPOINT, LOG, MODEL = "checkpoint.safetensors", "log.jsonl", "model.safetensors"


@final
@attrs.frozen(kw_only=True)
class Course:
    """The length of a training and the intervals of its records.

    Attributes:
        steps: in all.
        precision: of the network's matrix products, ``float32`` or ``bfloat16``; parameters stay in float32. ``auto``
            is bfloat16 where the processor has it.
        measure_every: steps between measurements.
        sheet_every: between pictures.
        save_seconds: least time between checkpoints [s].
    """

    steps: int = attrs.field(validator=whole(least=1))
    precision: Precision = attrs.field(default="auto", validator=literal(Precision))
    measure_every: int = attrs.field(default=250, validator=whole(least=1))
    sheet_every: int = attrs.field(default=1000, validator=whole(least=1))
    save_seconds: float = attrs.field(default=120.0, validator=number(least=0.0))


def train(
    task: Task,
    course: Course,
    optimisation: Optimisation,
    *,
    seed: int,
    recipe: str,
    folder: Path,
    processes: Processes,
    stop_after: int | None = None,
    say: Say = lambda _: None,
) -> TrainingState:
    """Train from the folder's checkpoint, if it has one, to the end, and write the model file there.

    Args:
        recipe: text that decides the result; a checkpoint of another one is refused.
        processes: who trains, and on which device; data is brought there batch by batch.
        stop_after: leave after this many steps of this call, with a checkpoint.

    Raises:
        RunFailed: where the loss is not finite; the last checkpoint is from before that.
    """
    make_folder(folder)
    network = task.network(seed)
    check_instance(task, "network", network, torch.nn.Module)
    state = TrainingState.new(network.to(processes.device), optimisation)
    if (folder / CHECKPOINT).exists():
        state.restore(folder / CHECKPOINT, recipe)
    if course.precision == "bfloat16" and not is_quick_in_bfloat16(processes.device):
        say("this processor emulates bfloat16, ten times slower than float32: write `course: {precision: float32}`")
    last = course.steps if stop_after is None else min(course.steps, state.step + stop_after)
    began, first, saved = time.monotonic(), state.step, time.monotonic()
    smooth: list[float] = []
    while state.step < last:
        smooth.append(_step(state, task, course, optimisation, seed, processes))
        if not torch.isfinite(torch.tensor(smooth[-1])):
            raise RunFailed(
                f"the loss of step {state.step} is {smooth[-1]}; lower optimisation.rate or optimisation.clip and go"
                f" on from {folder / CHECKPOINT}."
            )
        state.step += 1
        if processes.is_main and (state.step % course.measure_every == 0 or state.step == course.steps):
            speed = (time.monotonic() - began) / (state.step - first)
            _report(state, task, course, folder, sum(smooth) / len(smooth), speed, say)
            smooth.clear()
        if processes.is_main and time.monotonic() - saved >= course.save_seconds:
            state.save(folder / CHECKPOINT, recipe)
            saved = time.monotonic()
    if not processes.is_main:
        processes.barrier()
        return state
    state.save(folder / CHECKPOINT, recipe)
    if state.step == course.steps:
        facts = {"recipe": recipe, "steps": state.step, "measured": _measured(task, state)}
        task.write(state.average, folder / MODEL, facts)
    processes.barrier()
    return state


def _step(
    state: TrainingState, task: Task, course: Course, optimisation: Optimisation, seed: int, processes: Processes
) -> float:
    for optimiser in state.optimisers:
        for group in optimiser.param_groups:
            group["lr"] = optimisation.rate_at(state.step, course.steps)
    state.network.train()
    device = next(state.network.parameters()).device.type
    with torch.autocast(device, torch.bfloat16, enabled=in_bfloat16(course.precision, device)):
        loss = task.loss(state.network, seed, state.step, processes.shard)
    if not (isinstance(loss, torch.Tensor) and loss.shape == () and loss.requires_grad):
        got = f"{tuple(loss.shape)}" if isinstance(loss, torch.Tensor) else shown(loss)
        refuse(task, "loss", got, "one number, a tensor of shape () with a gradient")
    torch.autograd.backward(loss)
    processes.all_reduce(state.network)
    torch.nn.utils.clip_grad_norm_(state.network.parameters(), optimisation.clip)
    for optimiser in state.optimisers:
        optimiser.step()
        optimiser.zero_grad()
    state.update_average(optimisation.average_decay(state.step))
    return processes.mean(loss.detach())


def _measured(task: Task, state: TrainingState) -> dict[str, float]:
    measured: object = task.measure(state.average)
    if not isinstance(measured, Mapping):
        refuse(task, "measure", shown(measured), "a mapping of names to numbers")
    for name, value in measured.items():
        if not isinstance(value, int | float):
            refuse(task, "measure", shown(value), "a number", f"{name!r} as ")
    return dict(measured)


def _report(
    state: TrainingState, task: Task, course: Course, folder: Path, loss: float, speed: float, say: Say
) -> None:
    device = next(state.network.parameters()).device.type
    with torch.no_grad(), torch.autocast(device, torch.bfloat16, enabled=in_bfloat16(course.precision, device)):
        line: dict[str, object] = {"step": state.step, "loss": loss, **_measured(task, state)}
        if state.step % course.sheet_every == 0 or state.step == course.steps:
            path = folder / f"sheet_{state.step:06d}.png"
            path.unlink(missing_ok=True)
            sheet = task.sheet(state.average)
            if not (isinstance(sheet, torch.Tensor) and sheet.ndim == 3):
                got = f"{tuple(sheet.shape)}" if isinstance(sheet, torch.Tensor) else shown(sheet)
                refuse(task, "sheet", got, "a picture, a tensor c h w")
            write_png(path, sheet)
    with (folder / LOG).open("a", encoding="utf-8") as log:
        log.write(json.dumps({**line, "seconds_per_step": round(speed, 4)}) + "\n")
    left = time.strftime("%H:%M:%S", time.gmtime(speed * (course.steps - state.step)))
    numbers = "  ".join(f"{name} {value:.4g}" for name, value in line.items() if name != "step")
    say(f"step {state.step}/{course.steps}  {numbers}  {speed:.2f} s/step  {left} left")
