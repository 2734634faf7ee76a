"""Recover what a camera could not record: posterior sampling of imaging inverse problems with video diffusion priors.

Compose an operator, a noise, a prior and a sampler, and `solve`; or name them in a recipe and run ``invsolve run``.
Names are imported on first use, so that listing plugins does not import torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from invsolve.algebra import Identity as Identity
    from invsolve.algebra import LinearPipeline as LinearPipeline
    from invsolve.algebra import Pipeline as Pipeline
    from invsolve.algebra import Scaled as Scaled
    from invsolve.algebra import pipeline as pipeline
    from invsolve.checkpoint import Checkpoint as Checkpoint
    from invsolve.conditional import Conditional as Conditional
    from invsolve.contrast import Contrast as Contrast
    from invsolve.errors import InvsolveError as InvsolveError
    from invsolve.flow import Flow as Flow
    from invsolve.guidance import Guidance as Guidance
    from invsolve.kernel import CorrectingKernel as CorrectingKernel
    from invsolve.kernel import Kernel as Kernel
    from invsolve.kernel import MultistepKernel as MultistepKernel
    from invsolve.kernel import Past as Past
    from invsolve.loop import solve as solve
    from invsolve.noise import GaussianNoise as GaussianNoise
    from invsolve.noise import Noise as Noise
    from invsolve.noise import PoissonGaussianNoise as PoissonGaussianNoise
    from invsolve.noise import PoissonNoise as PoissonNoise
    from invsolve.observer import Finished as Finished
    from invsolve.observer import Observer as Observer
    from invsolve.observer import Started as Started
    from invsolve.observer import Stepped as Stepped
    from invsolve.operator import LinearOperator as LinearOperator
    from invsolve.operator import Operator as Operator
    from invsolve.outcome import Outcome as Outcome
    from invsolve.prediction import Prediction as Prediction
    from invsolve.prior import Prior as Prior
    from invsolve.prior import TractablePrior as TractablePrior
    from invsolve.problem import Problem as Problem
    from invsolve.problem import Requirement as Requirement
    from invsolve.randomness import Randomness as Randomness
    from invsolve.randomness import SeededRandomness as SeededRandomness
    from invsolve.recurrent import recalled as recalled
    from invsolve.residual_prior import ResidualPrior as ResidualPrior
    from invsolve.sampler import Sampler as Sampler
    from invsolve.schedule import DiscreteSchedule as DiscreteSchedule
    from invsolve.schedule import EDMSchedule as EDMSchedule
    from invsolve.schedule import FlowSchedule as FlowSchedule
    from invsolve.schedule import NoiseLevel as NoiseLevel
    from invsolve.schedule import Schedule as Schedule
    from invsolve.schedule import VPSchedule as VPSchedule
    from invsolve.solution import Solution as Solution
    from invsolve.space import VideoSpace as VideoSpace
    from invsolve.spectrum import Spectrum as Spectrum
    from invsolve.stacked_noise import StackedNoise as StackedNoise
    from invsolve.stacking import NonlinearStack as NonlinearStack
    from invsolve.stacking import Stack as Stack
    from invsolve.stacking import join as join
    from invsolve.stacking import stack as stack
    from invsolve.wrapped_prior import WrappedPrior as WrappedPrior
else:
    _HOME = {
        "algebra": ("Identity", "LinearPipeline", "Pipeline", "Scaled", "pipeline"),
        "checkpoint": ("Checkpoint",),
        "conditional": ("Conditional",),
        "contrast": ("Contrast",),
        "errors": ("InvsolveError",),
        "flow": ("Flow",),
        "guidance": ("Guidance",),
        "kernel": ("CorrectingKernel", "Kernel", "MultistepKernel", "Past"),
        "loop": ("solve",),
        "noise": ("GaussianNoise", "Noise", "PoissonGaussianNoise", "PoissonNoise"),
        "observer": ("Finished", "Observer", "Started", "Stepped"),
        "operator": ("LinearOperator", "Operator"),
        "outcome": ("Outcome",),
        "prediction": ("Prediction",),
        "prior": ("Prior", "TractablePrior"),
        "problem": ("Problem", "Requirement"),
        "randomness": ("Randomness", "SeededRandomness"),
        "recurrent": ("recalled",),
        "residual_prior": ("ResidualPrior",),
        "sampler": ("Sampler",),
        "schedule": ("DiscreteSchedule", "EDMSchedule", "FlowSchedule", "NoiseLevel", "Schedule", "VPSchedule"),
        "solution": ("Solution",),
        "space": ("VideoSpace",),
        "spectrum": ("Spectrum",),
        "stacked_noise": ("StackedNoise",),
        "stacking": ("NonlinearStack", "Stack", "join", "stack"),
        "wrapped_prior": ("WrappedPrior",),
    }
    _MODULE = {name: f"invsolve.{module}" for module, names in _HOME.items() for name in names}

    def __getattr__(name: str) -> Any:
        if name not in _MODULE:
            raise AttributeError(f"module 'invsolve' has no attribute {name!r}")
        return getattr(import_module(_MODULE[name]), name)

    def __dir__() -> list[str]:
        return sorted([*_MODULE, "__version__"])
