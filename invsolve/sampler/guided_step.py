"""`guided_step`: a step of a guidance rule, and a look at what came of it."""

from invsolve.errors import BrokenPlugin
from invsolve.prior.prediction import Prediction
from invsolve.problem import Problem
from invsolve.problem.predicted import check_prediction
from invsolve.randomness import Randomness
from invsolve.returned import check_record, check_tensor
from invsolve.sampler.guidance import Guidance
from invsolve.sampler.guided import Guided
from invsolve.sampler.kernel import Kernel, KernelAfter
from invsolve.schedule import NoiseLevel
from invsolve.video.axes import Latent


def guided_step(
    rule: Guidance,
    problem: Problem,
    kernel: Kernel,
    z: Latent,
    level: NoiseLevel,
    target: NoiseLevel,
    rng: Randomness,
) -> Guided:
    """``rule.step(problem, kernel, z, level, target, rng)``.

    Raises:
        BrokenPlugin: where the rule, or the kernel in it, returned something else than its contract says.
        ComponentError: for a rule in a form of earlier versions.
    """
    guided = Guided.of(rule.step(problem, kernel, z, level, target, rng), rule)
    try:
        check_tensor(rule, "step", guided.z, z.shape, z.dtype, "z of ")
    except BrokenPlugin:
        # most rules hand on what the kernel made
        _check_kernel(kernel, z, guided.prediction, level, target, rng)
        raise
    if guided.prediction is not None:
        check_prediction(rule, "step", guided.prediction, z)
    check_record(rule, "step", guided.info, len(z))
    return guided


def _check_kernel(
    kernel: Kernel, z: Latent, prediction: Prediction | None, level: NoiseLevel, target: NoiseLevel, rng: Randomness
) -> None:
    own = kernel.kernel if isinstance(kernel, KernelAfter) else kernel
    stepped = kernel.step(z, prediction or Prediction(z, z), level, target, rng)
    check_tensor(own, "step", stepped, z.shape, z.dtype)
