"""Operators made of operators: pipelines, scaled operators, the identity."""

from typing import final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import ComponentError, SpaceError
from invsolve.operator.operator import LinearOperator, Operator
from invsolve.operator.spectrum import Spectrum, compose
from invsolve.validators import check_type
from invsolve.video.space import VideoSpace


def _output_space(operators: tuple[Operator, ...], space: VideoSpace) -> VideoSpace:
    for position, operator in enumerate(operators):
        try:
            space = operator.output_space(space)
        except SpaceError as error:
            if len(operators) == 1:
                raise
            raise SpaceError(f"operator {position + 1} of {len(operators)}, {operator}: {error}") from None
    return space


def _input_space(operators: tuple[Operator, ...], observed: VideoSpace) -> VideoSpace:
    for operator in reversed(operators):
        observed = operator.input_space(observed)
    return observed


@final
@attrs.frozen
class Pipeline(Operator):
    """``A(x) = A_n(... A_2(A_1(x)))``: `operators` in the order in which light meets them."""

    operators: tuple[Operator, ...]

    def forward(self, x: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c2 t2 h2 w2"]:
        """Each operator in turn."""
        for operator in self.operators:
            x = operator.forward(x)
        return x

    def output_space(self, space: VideoSpace) -> VideoSpace:
        """Each operator's output space in turn; a `SpaceError` names the operator that refused."""
        return _output_space(self.operators, space)

    def input_space(self, observed: VideoSpace) -> VideoSpace:
        """Each operator's input space, last to first."""
        return _input_space(self.operators, observed)


@final
@attrs.frozen
class LinearPipeline(LinearOperator):
    """``A = A_n ... A_2 A_1`` of linear operators; ``A^T = A_1^T ... A_n^T``.

    Where all parts have a spectrum and these combine (disjoint axes, or one shared basis), so has the pipeline: a
    temporal average after a circular convolution stays diagonal in Fourier times the time matrix's singular vectors.
    """

    operators: tuple[LinearOperator, ...]

    def forward(self, x: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c2 t2 h2 w2"]:
        """Each operator in turn."""
        for operator in self.operators:
            x = operator.forward(x)
        return x

    def adjoint(self, y: Float[Tensor, "b c2 t2 h2 w2"]) -> Float[Tensor, "b c t h w"]:
        """Each adjoint, last to first."""
        for operator in reversed(self.operators):
            y = operator.adjoint(y)
        return y

    def output_space(self, space: VideoSpace) -> VideoSpace:
        """Each operator's output space in turn; a `SpaceError` names the operator that refused."""
        return _output_space(self.operators, space)

    def input_space(self, observed: VideoSpace) -> VideoSpace:
        """Each operator's input space, last to first."""
        return _input_space(self.operators, observed)

    def spectrum(self, space: VideoSpace, dtype: torch.dtype, device: torch.device) -> Spectrum | None:
        """The composed spectrum, or None as soon as two parts do not combine."""
        composed: Spectrum | None = None
        for position, operator in enumerate(self.operators):
            part = operator.spectrum(space, dtype, device)
            if part is None:
                return None
            composed = part if position == 0 else compose(part, composed) if composed is not None else None
            if composed is None:
                return None
            space = operator.output_space(space)
        return composed


@final
@attrs.frozen
class Identity(LinearOperator):
    """``A x = x``: denoising.

    Examples:
        ```python
        Identity()
        ```

        ```yaml
        operator: {use: identity}
        ```
    """

    def forward(self, x: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h w"]:
        """``x``."""
        return x

    def adjoint(self, y: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h w"]:
        """``y``."""
        return y

    def output_space(self, space: VideoSpace) -> VideoSpace:
        """`space` itself."""
        return space

    def spectrum(self, space: VideoSpace, dtype: torch.dtype, device: torch.device) -> Spectrum | None:
        """One singular value, 1, in the standard basis."""
        return ScalarSpectrum(torch.ones((), dtype=dtype, device=device))


@final
@attrs.frozen
class Scaled(LinearOperator):
    """``A x = factor * x``: a neutral-density filter, a gain.

    Attributes:
        factor: any number but 0.

    Examples:
        ```python
        Scaled(factor=0.5)
        ```

        ```yaml
        operator: {use: scaled, factor: 0.5}
        ```
    """

    factor: float = attrs.field()

    @factor.validator
    def _nonzero(self, _: object, value: float) -> None:
        if value == 0:
            raise ComponentError("factor must not be 0: the observation would hold no information.")

    def forward(self, x: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h w"]:
        """``factor * x``."""
        return self.factor * x

    def adjoint(self, y: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h w"]:
        """``factor * y``."""
        return self.factor * y

    def output_space(self, space: VideoSpace) -> VideoSpace:
        """`space` itself."""
        return space

    def spectrum(self, space: VideoSpace, dtype: torch.dtype, device: torch.device) -> Spectrum | None:
        """One singular value, ``|factor|``, in the standard basis."""
        return ScalarSpectrum(torch.tensor(self.factor, dtype=dtype, device=device))


@final
@attrs.frozen(eq=False)
class ScalarSpectrum(Spectrum):
    """``A = value I``: ``V = I``, ``U = sign(value) I``."""

    value: Tensor

    @property
    def axes(self) -> frozenset[str]:
        """No axis: it commutes with everything."""
        return frozenset()

    @property
    def singular_values(self) -> Tensor:
        """``|value|``."""
        return self.value.abs()

    def to_input_basis(self, x: Tensor) -> Tensor:
        """``x``."""
        return x

    def from_input_basis(self, coefficients: Tensor) -> Tensor:
        """``coefficients``."""
        return coefficients

    def to_output_basis(self, y: Tensor) -> Tensor:
        """``sign(value) y``."""
        return self.value.sign() * y

    def from_output_basis(self, coefficients: Tensor) -> Tensor:
        """``sign(value) coefficients``."""
        return self.value.sign() * coefficients

    def after(self, inner: Spectrum) -> Spectrum | None:
        """Products of scalars; it never shares an axis, so `compose` never asks for anything else."""
        return ScalarSpectrum(self.value * inner.value) if isinstance(inner, ScalarSpectrum) else None


def _parts(operator: Operator) -> tuple[Operator, ...]:
    return operator.operators if isinstance(operator, Pipeline | LinearPipeline) else (operator,)


def pipeline(*operators: Operator) -> Operator:
    """Compose operators in the order in which they act: ``pipeline(first, second)(x) = second(first(x))``.

    A single operator is returned as it is; nested pipelines are flattened; the result is a `LinearOperator` when all
    parts are. ``outer @ inner`` is ``pipeline(inner, outer)``.

    Raises:
        ComponentError: without any operator, and for parts that are none.
    """
    for position, operator in enumerate(operators):
        check_type(f"part {position + 1} of the pipeline", operator, Operator)
    parts = tuple(part for operator in operators for part in _parts(operator))
    if not parts:
        raise ComponentError("a pipeline needs at least one operator; for none, use Identity().")
    if len(parts) == 1:
        return parts[0]
    linear = tuple(part for part in parts if isinstance(part, LinearOperator))
    return LinearPipeline(linear) if len(linear) == len(parts) else Pipeline(parts)
