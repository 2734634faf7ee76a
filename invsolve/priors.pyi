# Written by tools/namespaces.py.
from typing import Any

from invsolve_priors.dense.conditional_mixture import ConditionalMixture as ConditionalMixture
from invsolve_priors.dense.gaussian import Gaussian as Gaussian
from invsolve_priors.dense.gaussian_mixture import GaussianMixture as GaussianMixture
from invsolve_priors.frame_wise import FrameWise as FrameWise
from invsolve_priors.guided.apg import APG as APG
from invsolve_priors.guided.cfg import CFG as CFG
from invsolve_priors.guided.cfg_plus_plus import CFGPlusPlus as CFGPlusPlus
from invsolve_priors.guided.exposure_conditioned import ExposureConditioned as ExposureConditioned
from invsolve_priors.learned.stdit.prior import STDiT as STDiT
from invsolve_priors.residual_image import ResidualImage as ResidualImage
from invsolve_priors.spectral.spectral_gaussian import SpectralGaussian as SpectralGaussian

def __getattr__(name: str) -> Any: ...  # of plugins that are distributions of their own
