"""`OTODEGuidance`: pseudo-inverse guidance of a flow."""

from typing import ClassVar, final

import attrs
from torch import Tensor

from invsolve.errors import CapabilityError
from invsolve.problem import Problem, Requirement
from invsolve.randomness import Randomness
from invsolve.sampler.guidance import Guidance
from invsolve.sampler.guided import Guided
from invsolve.sampler.kernel import Kernel
from invsolve.schedule import NoiseLevel
from invsolve_samplers.guidance.pigdm import PiGDMGuidance


@final
@attrs.frozen
class OTODEGuidance(Guidance):
    """`pigdm` of a flow, ``a = 1 - t``, ``s = t``: ``u' = u - t / (1 - t) g`` with ``r2 = t^2 / ((1 - t)^2 + t^2)``.

    ``g = J^T J_D^T A^T (r2 A A^T + std^2 I)^-1 (y - A(D(z0)))``, for data of unit variance. With the `euler` kernel it
    is the published method; at ``t = 1`` the guidance is left out, since ``t / (1 - t)`` has no limit.

    Cost of a step, needs and known bias: those of `pigdm`.

    Raises:
        CapabilityError: for levels that are not a flow's.

    References:
        Pokle, Muckley, Chen and Karrer 2024, algorithm 1.

    Examples:
        ```python
        Diffusion(kernel=EulerKernel(), guidance=OTODEGuidance(), steps=100)
        ```

        ```yaml
        sampler: {use: diffusion, kernel: {use: euler}, guidance: {use: ot_ode}, steps: 100}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@article{pokle2024training,\n"
        "  title = {Training-free Linear Image Inverses via Flows},\n"
        "  author = {Pokle, Ashwini and Muckley, Matthew J. and Chen, Ricky T. Q. and Karrer, Brian},\n"
        "  journal = {Transactions on Machine Learning Research},\n  year = {2024}\n}",
    )
    requires: ClassVar[frozenset[Requirement]] = PiGDMGuidance.requires

    def step(
        self, problem: Problem, kernel: Kernel, z: Tensor, level: NoiseLevel, target: NoiseLevel, rng: Randomness
    ) -> Guided:
        """The step of `pigdm` for unit variance."""
        if abs(level.a + level.s - 1) > 1e-6:
            raise CapabilityError(
                f"ot_ode is for flow levels, a = 1 - t and s = t, but this prior's schedule has a = {level.a:.4g} and "
                f"s = {level.s:.4g}; use pigdm."
            )
        return PiGDMGuidance().step(problem, kernel, z, level, target, rng)
