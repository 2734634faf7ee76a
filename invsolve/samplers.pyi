# Written by tools/namespaces.py.
from typing import Any

from invsolve_samplers.auto.auto import Auto as Auto
from invsolve_samplers.batch_consistent import BatchConsistent as BatchConsistent
from invsolve_samplers.collapsed import Collapsed as Collapsed
from invsolve_samplers.daps import DAPS as DAPS
from invsolve_samplers.ddim import DDIM as DDIM
from invsolve_samplers.diffusion import Diffusion as Diffusion
from invsolve_samplers.direct import Direct as Direct
from invsolve_samplers.dps import DPS as DPS
from invsolve_samplers.guidance.ddnm import DDNMGuidance as DDNMGuidance
from invsolve_samplers.guidance.ddnm_plus import DDNMPlusGuidance as DDNMPlusGuidance
from invsolve_samplers.guidance.ddrm import DDRMGuidance as DDRMGuidance
from invsolve_samplers.guidance.dds import DDSGuidance as DDSGuidance
from invsolve_samplers.guidance.diffpir import DiffPIRGuidance as DiffPIRGuidance
from invsolve_samplers.guidance.dps import DPSGuidance as DPSGuidance
from invsolve_samplers.guidance.dsg import DSGGuidance as DSGGuidance
from invsolve_samplers.guidance.exact import ExactGuidance as ExactGuidance
from invsolve_samplers.guidance.flow_chef import FlowChefGuidance as FlowChefGuidance
from invsolve_samplers.guidance.flow_dps import FlowDPSGuidance as FlowDPSGuidance
from invsolve_samplers.guidance.freedom import FreeDoMGuidance as FreeDoMGuidance
from invsolve_samplers.guidance.gauss_newton import GaussNewtonGuidance as GaussNewtonGuidance
from invsolve_samplers.guidance.gml_dps import GMLDPSGuidance as GMLDPSGuidance
from invsolve_samplers.guidance.lgd_mc import LGDMCGuidance as LGDMCGuidance
from invsolve_samplers.guidance.mpgd import MPGDGuidance as MPGDGuidance
from invsolve_samplers.guidance.none import NoGuidance as NoGuidance
from invsolve_samplers.guidance.ot_ode import OTODEGuidance as OTODEGuidance
from invsolve_samplers.guidance.pigdm import PiGDMGuidance as PiGDMGuidance
from invsolve_samplers.guidance.psld import PSLDGuidance as PSLDGuidance
from invsolve_samplers.guidance.tmpd import TMPDGuidance as TMPDGuidance
from invsolve_samplers.interpolation.bidirectional_warp import BidirectionalWarp as BidirectionalWarp
from invsolve_samplers.interpolation.normalised_bidirectional_warp import (
    NormalisedBidirectionalWarp as NormalisedBidirectionalWarp,
)
from invsolve_samplers.kernels.ddim import DDIMKernel as DDIMKernel
from invsolve_samplers.kernels.ddpm import DDPMKernel as DDPMKernel
from invsolve_samplers.kernels.dpm_solver import DPMSolverKernel as DPMSolverKernel
from invsolve_samplers.kernels.euler import EulerKernel as EulerKernel
from invsolve_samplers.kernels.exact import ExactKernel as ExactKernel
from invsolve_samplers.kernels.heun import HeunKernel as HeunKernel
from invsolve_samplers.kernels.renoise import RenoiseKernel as RenoiseKernel
from invsolve_samplers.optical_flow.dis import DISFlow as DISFlow
from invsolve_samplers.optical_flow.file import FileFlow as FileFlow
from invsolve_samplers.optical_flow.still import StillFlow as StillFlow
from invsolve_samplers.red_diff import RedDiff as RedDiff
from invsolve_samplers.res_shift.kernel import ResShiftKernel as ResShiftKernel
from invsolve_samplers.res_shift.res_shift import ResShift as ResShift
from invsolve_samplers.res_shift.time_adaptive import TimeAdaptiveResShift as TimeAdaptiveResShift
from invsolve_samplers.resample import ReSample as ReSample
from invsolve_samplers.smc.twisted_smc import TwistedSMC as TwistedSMC
from invsolve_samplers.successive_halving import SuccessiveHalving as SuccessiveHalving

def __getattr__(name: str) -> Any: ...  # of plugins that are distributions of their own
