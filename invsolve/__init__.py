"""Recover what a camera could not record: posterior sampling of imaging inverse problems with video diffusion priors.

Compose an operator, a noise, a prior and a sampler, and `solve`; or name them in a recipe and run ``invsolve run``.
Names are imported on first use, so that listing plugins does not import torch.
"""

from typing import TYPE_CHECKING

from invsolve.lazy import lazy_imports

__version__ = "0.1.0"

if TYPE_CHECKING:
    from invsolve.errors import InvsolveError as InvsolveError
    from invsolve.media.reader_dataset import ReaderDataset as ReaderDataset
    from invsolve.motion.optical_flow import Flow as Flow
    from invsolve.noise import GaussianNoise as GaussianNoise
    from invsolve.noise import Noise as Noise
    from invsolve.noise import PoissonGaussianNoise as PoissonGaussianNoise
    from invsolve.noise import PoissonNoise as PoissonNoise
    from invsolve.noise.stacked import StackedNoise as StackedNoise
    from invsolve.operator import LinearOperator as LinearOperator
    from invsolve.operator import Operator as Operator
    from invsolve.operator.pipeline import Identity as Identity
    from invsolve.operator.pipeline import LinearPipeline as LinearPipeline
    from invsolve.operator.pipeline import Pipeline as Pipeline
    from invsolve.operator.pipeline import Scaled as Scaled
    from invsolve.operator.pipeline import pipeline as pipeline
    from invsolve.operator.spectrum import Spectrum as Spectrum
    from invsolve.operator.stack import NonlinearStack as NonlinearStack
    from invsolve.operator.stack import Stack as Stack
    from invsolve.operator.stack import join as join
    from invsolve.operator.stack import stack as stack
    from invsolve.prior import Prior as Prior
    from invsolve.prior import TractablePrior as TractablePrior
    from invsolve.prior.callable_prior import CallablePrior as CallablePrior
    from invsolve.prior.conditional import Conditional as Conditional
    from invsolve.prior.contrast import Contrast as Contrast
    from invsolve.prior.prediction import Prediction as Prediction
    from invsolve.prior.residual import ResidualPrior as ResidualPrior
    from invsolve.prior.wrapped import WrappedPrior as WrappedPrior
    from invsolve.problem import Problem as Problem
    from invsolve.problem import Requirement as Requirement
    from invsolve.problem import Trace as Trace
    from invsolve.problem.recalled import recalled as recalled
    from invsolve.randomness import Randomness as Randomness
    from invsolve.randomness import SeededRandomness as SeededRandomness
    from invsolve.record.solution_dataset import SolutionDataset as SolutionDataset
    from invsolve.sampler import Sampler as Sampler
    from invsolve.sampler.guidance import Guidance as Guidance
    from invsolve.sampler.guided import Guided as Guided
    from invsolve.sampler.kernel import CorrectingKernel as CorrectingKernel
    from invsolve.sampler.kernel import Kernel as Kernel
    from invsolve.sampler.kernel import MultistepKernel as MultistepKernel
    from invsolve.sampler.kernel import Past as Past
    from invsolve.schedule import DiscreteSchedule as DiscreteSchedule
    from invsolve.schedule import EDMSchedule as EDMSchedule
    from invsolve.schedule import FlowSchedule as FlowSchedule
    from invsolve.schedule import NoiseLevel as NoiseLevel
    from invsolve.schedule import Schedule as Schedule
    from invsolve.schedule import VPSchedule as VPSchedule
    from invsolve.solving.checkpoint import Checkpoint as Checkpoint
    from invsolve.solving.loop import solve as solve
    from invsolve.solving.observer import Finished as Finished
    from invsolve.solving.observer import Observer as Observer
    from invsolve.solving.observer import Started as Started
    from invsolve.solving.observer import Stepped as Stepped
    from invsolve.solving.outcome import Outcome as Outcome
    from invsolve.solving.solution import Solution as Solution
    from invsolve.video.space import VideoSpace as VideoSpace

__getattr__, __dir__ = lazy_imports(__name__)
