"""The laws of each kind of component, in the order in which they are tried."""

from typing import Final

from invsolve.operator import LinearOperator, Operator
from invsolve.prior import Prior, TractablePrior
from invsolve.testing.law import Law
from invsolve.testing.laws import closed_forms, gradient, linear, mapping, prior, sampler, tractable, values
from invsolve.testing.trial import Trial

COMPONENT_LAWS: Final = (
    Law(values.constructor_contract, once=True),
    Law(values.equality, once=True),
    Law(values.pickling, once=True),
    Law(values.repr_evaluates_back, once=True),
    Law(values.yaml_round_trip, once=True),
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
    Law(linear.dense_matrix, LinearOperator, heavy=True),
    Law(closed_forms.penrose, LinearOperator, heavy=True),
    Law(closed_forms.gram_solve, LinearOperator, heavy=True),
    Law(closed_forms.gram_solve_without_noise, LinearOperator, heavy=True),
    Law(closed_forms.prox_is_optimal, LinearOperator, heavy=True),
    Law(closed_forms.norm_is_largest_singular_value, LinearOperator, heavy=True),
    Law(closed_forms.spectrum_rebuilds_the_operator, LinearOperator),
    Law(mapping.device_kept, Operator, heavy=True),
)
"""Laws of every operator; those about a `LinearOperator` apply to no other."""

CLAIMED_OPERATOR_LAWS: Final = (Law(gradient.double_backward, Operator),)
"""Laws that a nonlinear operator obeys only where its author claims so."""

PRIOR_LAWS: Final = (
    *COMPONENT_LAWS,
    Law(prior.latents_have_their_shape, Prior),
    Law(prior.dtype_kept, Prior),
    Law(prior.deterministic, Prior),
    Law(prior.input_left_unchanged, Prior),
    Law(prior.batch_items_do_not_mix, Prior),
    Law(prior.decodes_frames_alone, Prior),
    Law(prior.prediction_splits_the_latent, Prior),
    Law(prior.parameterisations_agree, Prior),
    Law(prior.gradients_are_finite, Prior),
    Law(prior.little_noise_changes_little, Prior),
    Law(tractable.without_observation_it_is_tweedie, TractablePrior),
    Law(tractable.prediction_is_the_mean_of_its_law, TractablePrior),
    Law(tractable.much_noise_is_forgotten, TractablePrior),
    Law(tractable.samples_follow_the_law, TractablePrior, heavy=True),
)
"""Laws of every prior; those about a `TractablePrior` apply to no other."""

TRIAL_LAWS: Final = (
    Law(sampler.same_seed_same_result, Trial, heavy=True),
    Law(sampler.seeds_count, Trial, heavy=True),
    Law(sampler.global_randomness_untouched, Trial, heavy=True),
    Law(sampler.alone_as_in_a_batch, Trial, heavy=True),
    Law(sampler.order_does_not_matter, Trial, heavy=True),
    Law(sampler.chunks_do_not_matter, Trial, heavy=True),
    Law(sampler.resumes_bit_for_bit, Trial, heavy=True),
    Law(sampler.result_is_finite, Trial, heavy=True),
    Law(sampler.misfit_is_recorded, Trial, heavy=True),
    Law(sampler.dtype_kept, Trial, heavy=True),
    Law(sampler.requirements_are_declared, Trial, heavy=True),
)
"""Laws of a sampler's runs; they take a `Trial`, and of a case they use the seed."""

SAMPLER_LAWS: Final = (*COMPONENT_LAWS, *TRIAL_LAWS)
"""Laws of every sampler."""
