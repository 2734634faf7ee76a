"""`Requirement`: the properties of a problem that a sampler or a guidance rule may need."""

from enum import Enum


class Requirement(Enum):
    """A property that a sampler or a guidance rule may need; the value completes 'it needs ...'."""

    LINEAR = "a linear operator"
    GAUSSIAN_NOISE = "Gaussian noise"
    TRACTABLE_PRIOR = "a prior with a closed-form conditional law"
    SEEN_FRAMES = "an operator that shows some frames as they are"
    RESIDUAL_PRIOR = "a prior that models what its decoder leaves out"
