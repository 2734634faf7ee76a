"""Samplers, and the kernels and guidance rules that diffusion samplers are made of."""

from invsolve.sampler.guidance import Guidance as Guidance
from invsolve.sampler.guided import Guided as Guided
from invsolve.sampler.guided import Info as Info
from invsolve.sampler.kernel import CorrectingKernel as CorrectingKernel
from invsolve.sampler.kernel import Kernel as Kernel
from invsolve.sampler.kernel import MultistepKernel as MultistepKernel
from invsolve.sampler.kernel import Past as Past
from invsolve.sampler.sampler import Sampler as Sampler
