"""The manifest: names and targets only, so that listing plugins imports no torch."""

from invsolve.plugin import Component, hookimpl

SAMPLERS = (
    Component(
        "sampler",
        "diffusion",
        "invsolve_samplers.diffusion:Diffusion",
        "Any kernel with any guidance rule.",
    ),
    Component("sampler", "dps", "invsolve_samplers.dps:DPS", "Diffusion posterior sampling, as in its paper."),
    Component("sampler", "ddim", "invsolve_samplers.ddim:DDIM", "DDIM steps with a guidance rule: few steps."),
)

KERNELS = (
    Component("kernel", "ddpm", "invsolve_samplers.kernels.ddpm:DDPMKernel", "Ancestral sampling."),
    Component("kernel", "ddim", "invsolve_samplers.kernels.ddim:DDIMKernel", "DDIM with eta from 0 (ODE) to 1 (DDPM)."),
    Component(
        "kernel", "exact", "invsolve_samplers.kernels.exact:ExactKernel", "No discretisation error: the reference."
    ),
)

GUIDANCE = (
    Component("guidance", "none", "invsolve_samplers.guidance.none:NoGuidance", "Sample the prior."),
    Component("guidance", "dps", "invsolve_samplers.guidance.dps:DPSGuidance", "Gradient of the misfit."),
    Component("guidance", "pigdm", "invsolve_samplers.guidance.pigdm:PiGDMGuidance", "Pseudo-inverse guidance."),
    Component(
        "guidance", "exact", "invsolve_samplers.guidance.exact:ExactGuidance", "The prior's closed form, or tmpd."
    ),
    Component("guidance", "tmpd", "invsolve_samplers.guidance.tmpd:TMPDGuidance", "Second moments from the Jacobian."),
)

COMPONENTS: tuple[Component, ...] = SAMPLERS + KERNELS + GUIDANCE


@hookimpl
def invsolve_components() -> tuple[Component, ...]:
    """The samplers, kernels and guidance rules of this package."""
    return COMPONENTS
