"""`Facts`: what a problem can do, found out once before the choice."""

from functools import cached_property
from typing import final

import attrs

from invsolve.errors import CapabilityError
from invsolve.noise import GaussianNoise
from invsolve.operator import LinearOperator
from invsolve.prior import TractablePrior
from invsolve.problem import Problem
from invsolve_samplers.moves.closed_form import decoder_scale


@final
@attrs.frozen(eq=False, slots=False)
class Facts:
    """What the rows of the table of choices ask of a problem; each answer is found when it is first asked for.

    - ``through_network``: whether gradients may be taken through the network: what the user says, not the problem.
    """

    problem: Problem
    through_network: bool = True

    @cached_property
    def simple(self) -> bool:
        """Whether the operator is linear and the noise Gaussian: a likelihood that linear algebra can handle."""
        return isinstance(self.problem.operator, LinearOperator) and isinstance(self.problem.noise, GaussianNoise)

    @cached_property
    def closed(self) -> bool:
        """Whether the prior knows its law given this observation in closed form, by asking it for the first one."""
        prior = self.problem.prior
        if not self.simple or not isinstance(prior, TractablePrior):
            return False
        try:
            prior.conditional(None, None, self.problem.linear, self.problem.observation[:1], self.problem.noise_std)
        except CapabilityError:
            return False
        return True

    @cached_property
    def recurs(self) -> bool:
        """Whether a prediction depends on the one before."""
        return self.problem.prior.recurs

    @cached_property
    def scales(self) -> bool:
        """Whether the decoder does no more than scale and shift, by decoding two latents."""
        return decoder_scale(self.problem) is not None
