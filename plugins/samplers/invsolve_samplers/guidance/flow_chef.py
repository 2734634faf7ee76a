"""`FlowChefGuidance`: steer a flow by the gradient at its clean end."""

from typing import ClassVar, final

import attrs
from torch import Tensor

from invsolve.problem import Problem
from invsolve.randomness import Randomness
from invsolve.sampler.guidance import Guidance, misfit, norms
from invsolve.sampler.guided import Guided
from invsolve.sampler.kernel import Kernel
from invsolve.schedule import NoiseLevel
from invsolve.validators import number


@final
@attrs.frozen
class FlowChefGuidance(Guidance):
    """The kernel's step, then ``z' - scale grad_{z0} mean(r^2)``, ``r = y - A(D(z0))``: no gradient of the network.

    Cost of a step: one network call, and a vector-Jacobian product of the decoder alone. Needs only that the operator
    is differentiable.

    Known bias: the step length is a heuristic; no posterior is sampled.

    Attributes:
        scale: positive; it depends on the size of the observation, since the loss is a mean over its values.

    References:
        Patel, Wen, Metaxas and Yang 2024, algorithm 1.

    Examples:
        ```python
        Diffusion(kernel=EulerKernel(), guidance=FlowChefGuidance(scale=50.0), steps=50)
        ```

        ```yaml
        sampler: {use: diffusion, kernel: {use: euler}, guidance: {use: flow_chef, scale: 50.0}, steps: 50}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@article{patel2024steering,\n"
        "  title = {Steering Rectified Flow Models in the Vector Field for Controlled Image Generation},\n"
        "  author = {Patel, Maitreya and Wen, Song and Metaxas, Dimitris N. and Yang, Yezhou},\n"
        "  journal = {arXiv:2412.00100},\n  year = {2024}\n}",
    )

    scale: float = attrs.field(default=50.0, validator=number(above=0.0))

    def step(
        self, problem: Problem, kernel: Kernel, z: Tensor, level: NoiseLevel, target: NoiseLevel, rng: Randomness
    ) -> Guided:
        """The kernel's step and the gradient step."""
        prediction = problem.predict(z, level)
        trace = problem.trace_decoder(prediction.z0)
        residual = trace.residual
        gradient = trace.pull(problem.squared_residual_gradient(trace.video, residual))
        size = self.scale / residual[0].numel()
        info = {"misfit": misfit(residual), "gradient_norm": norms(gradient)}
        return Guided(kernel.step(z, prediction, level, target, rng) - size * gradient, prediction, info)
