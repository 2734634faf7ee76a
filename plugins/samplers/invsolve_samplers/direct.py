"""`Direct`: one exact draw of the posterior, where the prior has it in closed form."""

from typing import ClassVar, final

import attrs
from torch import Tensor

from invsolve.problem import Problem, Requirement
from invsolve.randomness import Randomness
from invsolve.sampler import Sampler
from invsolve.sampler.guidance import Info, misfit
from invsolve.validators import whole


@final
@attrs.frozen
class Direct(Sampler[Tensor]):
    """``z0 ~ p(z0 | y)`` in one step: the posterior itself, where the prior has it in closed form.

    For a normal prior and ``y = A z0 + std n`` that is ``E[z0 | y]`` and a draw of the prior without
    what an observation of it would have told. Where prior and operator are diagonal in Fourier (`spectral_gaussian`
    with blurs, exposures, block averages) it takes one transform of each and back; see the prior for others.

    Needs a linear operator, Gaussian noise and a prior with closed forms (`gaussian`, `spectral_gaussian`,
    `gaussian_mixture`). `auto` takes it where it can. The misfit that it records is that of the draw.

    Known bias: none.

    Attributes:
        steps: the draw is made before the first of them; they leave it as it is.

    References:
        Hoffman and Ribak 1991, eq. 3; Papandreou and Yuille 2010, section 3.

    Examples:
        ```python
        Direct()
        ```

        ```yaml
        sampler: {use: direct}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{papandreou2010gaussian, title={Gaussian sampling by local perturbations}, author={Papandreou, "
        "George and Yuille, Alan L.}, booktitle={Advances in Neural Information Processing Systems}, volume={23}, "
        "year={2010}}",
    )

    steps: int = attrs.field(default=1, validator=whole(least=1), metadata={"recipe": False})

    @property
    def requires(self) -> frozenset[Requirement]:
        """All that a closed form needs."""
        return frozenset({Requirement.LINEAR, Requirement.GAUSSIAN_NOISE, Requirement.TRACTABLE_PRIOR})

    def init(self, problem: Problem, rng: Randomness) -> Tensor:
        """The draw."""
        return problem.conditional().sample(rng)

    def step(self, problem: Problem, state: Tensor, i: int, rng: Randomness) -> tuple[Tensor, Info]:
        """Nothing is left to do."""
        return state, {"misfit": misfit(problem.residual(state))}

    def estimate(self, problem: Problem, state: Tensor) -> Tensor:
        """The draw."""
        return state
