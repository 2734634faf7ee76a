"""A video, or a latent, that explains the observation up to its noise: the inner optimisations of `ReSample`."""

import torch
from torch import Tensor

from invsolve.operator import LinearOperator
from invsolve.problem import Problem
from invsolve.sampler.guidance import misfit
from invsolve_samplers.moves.adam import Moments
from invsolve_samplers.moves.closed_form import decoder_scale

BETAS = (0.9, 0.999)


def consistent_video(problem: Problem, video: Tensor, *, left: float, iterations: int, rate: float) -> Tensor:
    """A video near `video` whose misfit is at most `left` times the noise std, of each trajectory on its own.

    For a linear operator ``x + tau A^+ r``, ``tau = 1 - left std / misfit``, at least 0: on the way to the projection,
    where descent of ``||y - A x||^2`` would end. Otherwise by Adam with learning rate `rate`, stopped there.
    """
    if isinstance(problem.operator, LinearOperator):
        residual = problem.observation - problem.operator.forward(video)
        excess = 1 - left * _noise_std(problem, residual) / misfit(residual).clamp_min(torch.finfo(video.dtype).tiny)
        share = excess.clamp_min(0.0).reshape(-1, 1, 1, 1, 1)
        return video + share * problem.pseudo_inverse(residual)
    moments = Moments.none(video)
    for _ in range(iterations):
        with torch.no_grad():
            residual = problem.observation - problem.operator.forward(video)
        running = misfit(residual) > left * _noise_std(problem, residual)
        if not bool(running.any()):
            break
        moments = moments.after(problem.squared_residual_gradient(video, residual), BETAS)
        video = video - rate * running.reshape(-1, 1, 1, 1, 1) * moments.direction(BETAS)
    return video


def consistent_latent(problem: Problem, z0: Tensor, *, left: float, iterations: int, rate: float) -> Tensor:
    """Descent of ``||y - A(D(z0))||^2`` until the misfit of each trajectory is `left` times the noise std.

    By Adam; where the decoder only scales and shifts and the operator is linear, in closed form.
    """
    if isinstance(problem.operator, LinearOperator) and (gain := decoder_scale(problem)) is not None:
        video = problem.decode(z0)
        return z0 + (consistent_video(problem, video, left=left, iterations=iterations, rate=rate) - video) / gain
    moments = Moments.none(z0)
    for _ in range(iterations):
        trace = problem.trace_decoder(z0)
        residual = trace.residual
        running = misfit(residual) > left * _noise_std(problem, residual)
        if not bool(running.any()):
            break
        gradient = trace.pull(problem.squared_residual_gradient(trace.video, residual))
        moments = moments.after(gradient, BETAS)
        z0 = z0 - rate * running.reshape(-1, 1, 1, 1, 1) * moments.direction(BETAS)
    return z0


def _noise_std(problem: Problem, residual: Tensor) -> Tensor:
    """The root mean square of the noise std around ``A(x) = y - r``, shape ``b``."""
    return misfit(problem.noise.standard_deviation(problem.observation - residual))
