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
    """The facts of a problem that the table of choices asks for, each found when it is first needed.

    Attributes:
        through_network: permission to take gradients through the network: the user's choice, not the problem's.
    """

    problem: Problem
    through_network: bool = True

    @cached_property
    def simple(self) -> bool:
        """True if the operator is linear and the noise Gaussian: a likelihood that linear algebra can handle."""
        return isinstance(self.problem.operator, LinearOperator) and isinstance(self.problem.noise, GaussianNoise)

    @cached_property
    def closed(self) -> bool:
        """True if the prior knows its law given this observation in closed form, by asking it for the first one."""
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
        """True if a prediction depends on the one before."""
        return self.problem.prior.recurs

    @cached_property
    def scales(self) -> bool:
        """True if the decoder only scales and shifts, found by decoding two latents."""
        return decoder_scale(self.problem) is not None
