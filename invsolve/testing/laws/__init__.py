"""The laws of each kind of component, in the order in which they are tried."""

from typing import Final

from invsolve.operator import LinearOperator, Operator
from invsolve.testing.law import Law
from invsolve.testing.laws import closed_forms, gradient, linear, mapping, values

COMPONENT_LAWS: Final = (
    Law(values.constructor_contract, once=True),
    Law(values.equality, once=True),
    Law(values.pickling, once=True),
    Law(values.repr_evaluates_back, once=True),
)
"""Laws of every component."""

OPERATOR_LAWS: Final = (
    *COMPONENT_LAWS,
    Law(mapping.shape_as_declared, Operator),
    Law(mapping.spaces_agree, Operator),
    Law(mapping.deterministic, Operator),
    Law(mapping.batch_items_do_not_mix, Operator),
    Law(mapping.empty_batch, Operator),
    Law(mapping.dtype_kept, Operator),
    Law(mapping.input_left_unchanged, Operator),
    Law(mapping.memory_layout_does_not_matter, Operator),
    Law(gradient.gradient_flows, Operator),
    Law(gradient.gradient_is_finite, Operator),
    Law(gradient.gradient_is_right, Operator),
    Law(gradient.double_backward, LinearOperator),
    Law(linear.linearity, LinearOperator),
    Law(linear.adjoint, LinearOperator),
    Law(linear.dense_matrix, LinearOperator),
    Law(closed_forms.penrose, LinearOperator),
    Law(closed_forms.gram_solve, LinearOperator),
    Law(closed_forms.gram_solve_without_noise, LinearOperator),
    Law(closed_forms.prox_is_optimal, LinearOperator),
    Law(closed_forms.norm_is_largest_singular_value, LinearOperator),
    Law(closed_forms.spectrum_rebuilds_the_operator, LinearOperator),
    Law(mapping.device_kept, Operator),
)
"""Laws of every operator; those about a `LinearOperator` apply to no other."""

CLAIMED_OPERATOR_LAWS: Final = (Law(gradient.double_backward, Operator),)
"""Laws that a nonlinear operator obeys only where its author claims so."""
