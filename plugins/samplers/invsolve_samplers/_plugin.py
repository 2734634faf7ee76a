"""The manifest: names and targets only, so that listing plugins imports no torch."""

from invsolve.plugin import Component, hookimpl
from invsolve.plugin.component import Kind

SAMPLERS = (
    ("diffusion", "diffusion:Diffusion", "Any kernel with any guidance rule."),
    ("dps", "dps:DPS", "Diffusion posterior sampling, as in its paper."),
    ("ddim", "ddim:DDIM", "DDIM steps with a guidance rule: few steps."),
    ("twisted_smc", "smc.twisted_smc:TwistedSMC", "Guided particles, weighted and resampled: exact in the limit."),
    ("daps", "daps:DAPS", "Decoupled annealing: a clean draw and fresh noise at every level."),
    ("red_diff", "red_diff:RedDiff", "One video by optimisation, with the denoiser as regulariser."),
    ("re_sample", "resample:ReSample", "DDIM with hard data consistency every few steps."),
    (
        "normalised_bidirectional_warp",
        "bridges.normalised_bidirectional_warp:NormalisedBidirectionalWarp",
        "Frames between frames, by optical flow.",
    ),
    (
        "bidirectional_warp",
        "bridges.bidirectional_warp:BidirectionalWarp",
        "The same with a mixture that is not normalised, for the record.",
    ),
    ("res_shift", "bridges.res_shift:ResShift", "From the noised pseudo-inverse, in 4 or 15 steps."),
    (
        "time_adaptive_res_shift",
        "bridges.time_adaptive:TimeAdaptiveResShift",
        "The same from two warped frames: interpolation that a prior refines.",
    ),
    ("auto", "auto.auto:Auto", "Chooses for itself what suits the problem; needs no tuning."),
    (
        "successive_halving",
        "successive_halving:SuccessiveHalving",
        "Of several candidates, the one that explains the observation best.",
    ),
    ("collapsed", "collapsed:Collapsed", "What is Gaussian integrated out, then drawn exactly."),
    ("batch_consistent", "batch_consistent:BatchConsistent", "Videos from image priors, by noise that frames share."),
)

KERNELS = (
    ("ddpm", "ddpm:DDPMKernel", "Ancestral sampling."),
    ("ddim", "ddim:DDIMKernel", "DDIM with eta from 0 (ODE) to 1 (DDPM)."),
    ("renoise", "renoise:RenoiseKernel", "Draw a fraction of the noise anew."),
    ("euler", "euler:EulerKernel", "First order along the flow, for flow and EDM levels."),
    ("heun", "heun:HeunKernel", "Second order, two predictions a step."),
    ("dpm_solver", "dpm_solver:DPMSolverKernel", "DPM-Solver++ (2M), deterministic or stochastic."),
    ("res_shift", "resshift:ResShiftKernel", "The reverse step of a ResShift chain."),
    ("exact", "exact:ExactKernel", "No discretisation error: the reference."),
)

GUIDANCE = (
    ("none", "none:NoGuidance", "Sample the prior."),
    ("dps", "dps:DPSGuidance", "Gradient of the misfit of the clean estimate."),
    ("pigdm", "pigdm:PiGDMGuidance", "Pseudo-inverse guidance."),
    ("exact", "exact:ExactGuidance", "The prior's closed form where it has one, or tmpd."),
    ("tmpd", "tmpd:TMPDGuidance", "Second moments from the denoiser's Jacobian."),
    ("ddnm", "ddnm:DDNMGuidance", "Replace what the observation determines."),
    ("dds", "dds:DDSGuidance", "A few conjugate gradient steps on the clean estimate."),
    ("ddnm_plus", "ddnm_plus:DDNMPlusGuidance", "DDNM for noisy observations, by singular values."),
    ("ddrm", "ddrm:DDRMGuidance", "Restoration in the basis of singular vectors."),
    ("diffpir", "diffpir:DiffPIRGuidance", "A proximal step on the clean estimate."),
    ("gauss_newton", "gauss_newton:GaussNewtonGuidance", "Fit the clean latent through the decoder's Jacobian."),
    ("mpgd", "mpgd:MPGDGuidance", "Descend on the clean estimate, without the network's gradient."),
    ("lgd_mc", "lgd_mc:LGDMCGuidance", "The likelihood of the noisy latent, by Monte Carlo."),
    ("freedom", "freedom:FreeDoMGuidance", "Gradient steps with time travel."),
    ("dsg", "dsg:DSGGuidance", "The largest step that stays on the sphere of the noise."),
    ("psld", "psld:PSLDGuidance", "Latent DPS with a gluing term."),
    ("gml_dps", "gml_dps:GMLDPSGuidance", "Latent DPS where encoding and decoding agree."),
    ("flow_dps", "flow_dps:FlowDPSGuidance", "Correct the clean end of a flow, renew the noisy one."),
    ("flow_chef", "flow_chef:FlowChefGuidance", "Steer a flow by the gradient at its clean end."),
    ("ot_ode", "ot_ode:OTODEGuidance", "Pseudo-inverse guidance of a flow."),
)

SCHEDULES = (("res_shift", "resshift_schedule:ResShiftSchedule", "How fast ResShift moves the residual."),)

FLOWS = (
    ("dis", "dis_flow:DISFlow", "Dense inverse search, by OpenCV."),
    ("file", "file_flow:FileFlow", "Flow that another program found: .flo or .npy."),
    ("still", "still_flow:StillFlow", "Nothing moves: a cross-fade."),
)


def _components(kind: Kind, package: str, rows: tuple[tuple[str, str, str], ...]) -> tuple[Component, ...]:
    return tuple(Component(kind, name, f"{package}.{target}", summary) for name, target, summary in rows)


COMPONENTS: tuple[Component, ...] = (
    *_components("sampler", "invsolve_samplers", SAMPLERS),
    *_components("kernel", "invsolve_samplers.kernels", KERNELS),
    *_components("guidance", "invsolve_samplers.guidance", GUIDANCE),
    *_components("schedule", "invsolve_samplers", SCHEDULES),
    *_components("flow", "invsolve_samplers.bridges", FLOWS),
)


@hookimpl
def invsolve_components() -> tuple[Component, ...]:
    """The samplers, kernels and guidance rules of this package."""
    return COMPONENTS
