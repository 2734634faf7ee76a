"""The manifest: names and targets only, so that listing plugins imports no torch."""

from invsolve.plugin import Component, hookimpl
from invsolve.plugin.open_kind import Kind

SAMPLERS = (
    ("diffusion", "diffusion:Diffusion", "Any kernel with any guidance rule."),
    ("dps", "dps:DPS", "Diffusion posterior sampling, as in its paper."),
    ("direct", "direct:Direct", "One exact draw of the posterior, where it has a closed form."),
    ("ddim", "ddim:DDIM", "DDIM steps with a guidance rule: few steps."),
    ("twisted_smc", "smc.twisted_smc:TwistedSMC", "Guided particles, weighted and resampled: exact in the limit."),
    ("daps", "daps:DAPS", "Decoupled annealing: a clean draw and fresh noise at every level."),
    ("red_diff", "red_diff:RedDiff", "One video by optimisation, with the denoiser as regulariser."),
    ("re_sample", "resample:ReSample", "DDIM with hard data consistency every few steps."),
    (
        "normalised_bidirectional_warp",
        "interpolation.normalised_bidirectional_warp:NormalisedBidirectionalWarp",
        "Frames between frames, by optical flow.",
    ),
    (
        "bidirectional_warp",
        "interpolation.bidirectional_warp:BidirectionalWarp",
        "Frames between frames by a mixture that is not normalised, as printed in its source.",
    ),
    ("res_shift", "res_shift.res_shift:ResShift", "From the noised pseudo-inverse, in 4 or 15 steps."),
    (
        "time_adaptive_res_shift",
        "res_shift.time_adaptive:TimeAdaptiveResShift",
        "ResShift from two warped frames: interpolation that a prior refines.",
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
    ("ddpm", "kernels.ddpm:DDPMKernel", "Ancestral sampling."),
    ("ddim", "kernels.ddim:DDIMKernel", "DDIM with eta from 0 (ODE) to 1 (DDPM)."),
    ("renoise", "kernels.renoise:RenoiseKernel", "Draw a fraction of the noise anew."),
    ("euler", "kernels.euler:EulerKernel", "First order along the flow, for flow and EDM levels."),
    ("heun", "kernels.heun:HeunKernel", "Second order, two predictions a step."),
    ("dpm_solver", "kernels.dpm_solver:DPMSolverKernel", "DPM-Solver++ (2M), deterministic or stochastic."),
    ("res_shift", "res_shift.kernel:ResShiftKernel", "The reverse step of a ResShift chain."),
    ("exact", "kernels.exact:ExactKernel", "No discretisation error: the reference."),
)

GUIDANCE = (
    ("none", "guidance.none:NoGuidance", "Sample the prior."),
    ("dps", "guidance.dps:DPSGuidance", "Gradient of the squared residual of the clean estimate."),
    ("pigdm", "guidance.pigdm:PiGDMGuidance", "Pseudo-inverse guidance."),
    ("exact", "guidance.exact:ExactGuidance", "The prior's closed form where it has one, or tmpd."),
    ("tmpd", "guidance.tmpd:TMPDGuidance", "Second moments from the denoiser's Jacobian."),
    ("ddnm", "guidance.ddnm:DDNMGuidance", "Replace what the observation determines."),
    ("dds", "guidance.dds:DDSGuidance", "A few conjugate gradient steps on the clean estimate."),
    ("ddnm_plus", "guidance.ddnm_plus:DDNMPlusGuidance", "DDNM for noisy observations, by singular values."),
    ("ddrm", "guidance.ddrm:DDRMGuidance", "Restoration in the basis of singular vectors."),
    ("diffpir", "guidance.diffpir:DiffPIRGuidance", "A proximal step on the clean estimate."),
    (
        "gauss_newton",
        "guidance.gauss_newton:GaussNewtonGuidance",
        "Fit the clean latent through the decoder's Jacobian.",
    ),
    ("mpgd", "guidance.mpgd:MPGDGuidance", "Descend on the clean estimate, without the network's gradient."),
    ("lgd_mc", "guidance.lgd_mc:LGDMCGuidance", "The likelihood of the noisy latent, by Monte Carlo."),
    ("freedom", "guidance.freedom:FreeDoMGuidance", "Gradient steps with time travel."),
    ("dsg", "guidance.dsg:DSGGuidance", "The largest step that stays on the sphere of the noise."),
    ("psld", "guidance.psld:PSLDGuidance", "Latent DPS with a gluing term."),
    ("gml_dps", "guidance.gml_dps:GMLDPSGuidance", "Latent DPS where encoding and decoding agree."),
    ("flow_dps", "guidance.flow_dps:FlowDPSGuidance", "Correct the clean end of a flow, renew the noisy one."),
    ("flow_chef", "guidance.flow_chef:FlowChefGuidance", "Steer a flow by the gradient at its clean end."),
    ("ot_ode", "guidance.ot_ode:OTODEGuidance", "Pseudo-inverse guidance of a flow."),
)

SCHEDULES = (("res_shift", "res_shift.schedule:ResShiftSchedule", "How fast ResShift moves the residual."),)

FLOWS = (
    ("dis", "optical_flow.dis:DISFlow", "Dense inverse search, by OpenCV."),
    ("file", "optical_flow.file:FileFlow", "Flow that another program found: .flo or .npy."),
    ("still", "optical_flow.still:StillFlow", "Nothing moves: a cross-fade."),
)


def _components(kind: Kind, rows: tuple[tuple[str, str, str], ...]) -> tuple[Component, ...]:
    return tuple(Component(kind, name, f"invsolve_samplers.{target}", summary) for name, target, summary in rows)


COMPONENTS: tuple[Component, ...] = (
    *_components("sampler", SAMPLERS),
    *_components("kernel", KERNELS),
    *_components("guidance", GUIDANCE),
    *_components("schedule", SCHEDULES),
    *_components("flow", FLOWS),
    Component(
        "command",
        "interpolate",
        "invsolve_samplers.interpolation.command:interpolate",
        "Frames between the frames of a clip.",
        takes=("clip",),
    ),
)


@hookimpl
def invsolve_components() -> tuple[Component, ...]:
    """The samplers, kernels and guidance rules of this package."""
    return COMPONENTS
