"""Abstract `GuidedPrior`: predictions with a condition and without it, in one network call or in two."""

from functools import cached_property
from typing import Literal

import torch
from torch import Tensor

from invsolve.errors import CapabilityError, SpaceError
from invsolve.prior import ConditionForm
from invsolve.prior.contrast import Contrast
from invsolve.prior.prediction import Prediction
from invsolve.prior.wrapped import WrappedPrior
from invsolve.schedule import NoiseLevel
from invsolve_priors.guided.row import Row, tensor_of

GradientOf = Literal["guided", "conditional"]


class GuidedPrior(WrappedPrior):
    """A conditional prior, pushed away from its prediction without the condition.

    Attributes:
        prior: any prior that takes a condition.
        condition: of every video, without the batch axis; None takes the problem's, one for each observation.
        unconditional: what stands for "no condition", as the model was trained: one number for every element (0 for
            most), a row like ``condition``, or None for a prior that may be called without.
        gradient: the prediction that the observation's gradient uses: ``guided``, through both calls, or
            ``conditional``, through one, which costs half; the residual is then that of the conditional prediction too.
            Rules that take no gradient through the network correct the guided one.
        batched: both calls as one of twice the batch, where one gradient goes through both; else one after the other,
            with half the memory.
    """

    condition: Row | None
    unconditional: Row | float | None
    gradient: GradientOf
    batched: bool

    @property
    def condition_form(self) -> ConditionForm:  # type: ignore[override]  # read-only
        """None with a condition of its own; else the prior's, which must take one."""
        if self.condition is not None:
            return "none"
        form = self.prior.condition_form
        return "given" if form == "none" else form

    def conditional(self, z: Tensor, level: NoiseLevel, condition: Tensor | None) -> Prediction:
        """The prior's prediction with the condition."""
        return self.prior.predict(z, level, self._known(z, condition))

    def both(self, z: Tensor, level: NoiseLevel, condition: Tensor | None) -> tuple[Prediction, Prediction]:
        """The prior's predictions with the condition and without it.

        Raises:
            CapabilityError: without a condition, and with two.
        """
        known = self._known(z, condition)
        null = self._null(known)
        graph = torch.is_grad_enabled() and z.requires_grad
        one_sided = graph and self.gradient == "conditional"
        if self.batched and null is not None and not one_sided:
            found = self.prior.predict(torch.cat([z, z]), level, torch.cat([known, null]))
            return _rows(found, slice(None, len(z))), _rows(found, slice(len(z), None))
        with_condition = self.prior.predict(z, level, known)
        with torch.set_grad_enabled(torch.is_grad_enabled() and not one_sided):
            return with_condition, self.prior.predict(z, level, null)

    def contrast(self, eps: Tensor, conditional: Prediction, start: Tensor | None = None) -> Contrast:
        """The contrast whose gradient is taken at the prediction that `gradient` names."""
        return Contrast(eps, conditional.z0 if self.gradient == "conditional" else None, start)

    def _known(self, z: Tensor, condition: Tensor | None) -> Tensor:
        if self._row is not None:
            if condition is not None:
                raise CapabilityError(f"both the problem and {type(self).__name__} have a condition; leave one out.")
            return self._row.to(z).expand(len(z), *self._row.shape)
        if condition is None:
            raise CapabilityError(
                f"{type(self).__name__} has no condition: give the problem one for each observation, or `condition` to "
                "the prior, one for all."
            )
        return condition

    def _null(self, known: Tensor) -> Tensor | None:
        if self._null_row is None:
            return None
        if self._null_row.ndim and self._null_row.shape != known.shape[1:]:
            raise SpaceError(
                f"`unconditional` has shape {tuple(self._null_row.shape)} and the condition of one video "
                f"{tuple(known.shape[1:])}; they must be the same."
            )
        return self._null_row.to(known).expand(known.shape)

    @cached_property
    def _row(self) -> Tensor | None:
        return None if self.condition is None else tensor_of(self.condition, "condition")

    @cached_property
    def _null_row(self) -> Tensor | None:
        if self.unconditional is None or isinstance(self.unconditional, float):
            return None if self.unconditional is None else torch.tensor(self.unconditional)
        return tensor_of(self.unconditional, "unconditional")


def _rows(found: Prediction, rows: slice) -> Prediction:
    fraction = found.variance_fraction
    return Prediction(found.z0[rows], found.eps[rows], None, None if fraction is None else fraction[rows])
