"""The amount of motion during a clip's exposure."""

import math

import torch

from invsolve.record.execution import Task
from invsolve.video.size import stretched
from invsolve.video.transfer import in_transfer


def motion(task: Task) -> float:
    """Root mean square between the observation without its noise and the frames in the middle of each exposure.

    In the light of the observation. NaN where the truth is not known, or has other channels than the observation.
    """
    truth, problem = task.recording.truth, task.problem
    if truth is None or tuple(truth.shape[1:]) != problem.space.shape:
        return math.nan
    with torch.no_grad():
        blurred = problem.operator.forward(truth.to(problem.observation))
    seen = in_transfer(truth.to(blurred), problem.space.transfer, task.recording.space.transfer)
    if seen.shape[1] != blurred.shape[1]:
        return math.nan
    frames = blurred.shape[2]
    middle = ((torch.arange(frames) + 0.5) * truth.shape[2] / frames).long()
    sharp = stretched(seen[:, :, middle], *blurred.shape[2:])
    return float((blurred - sharp).square().mean().sqrt())
