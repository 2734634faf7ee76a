"""Priors: what videos look like, and what they say of a noisy latent."""

from invsolve.prior.prior import ConditionForm as ConditionForm
from invsolve.prior.prior import Prior as Prior
from invsolve.prior.prior import TractablePrior as TractablePrior
