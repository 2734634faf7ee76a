"""The manifest: names and targets only, so that listing plugins imports neither torch nor azula."""

from invsolve.plugin import Component, hookimpl

COMPONENTS: tuple[Component, ...] = (
    Component(
        "prior",
        "azula",
        "invsolve_azula.azula:Azula",
        "What ADM, EDM, EDM2 or JiT learned of pictures, from a converted checkpoint.",
    ),
    Component(
        "schedule", "azula_ve", "invsolve_azula.schedules.ve:AzulaVE", "azula's variance exploding noise levels."
    ),
    Component(
        "schedule", "azula_vp", "invsolve_azula.schedules.vp:AzulaVP", "azula's variance preserving noise levels."
    ),
    Component(
        "schedule", "azula_cosine", "invsolve_azula.schedules.cosine:AzulaCosine", "azula's cosine noise levels."
    ),
    Component(
        "schedule",
        "azula_rectified",
        "invsolve_azula.schedules.rectified:AzulaRectified",
        "azula's straight lines between data and noise.",
    ),
    Component(
        "schedule",
        "azula_decay",
        "invsolve_azula.schedules.decay:AzulaDecay",
        "azula's straight lines, with more time at little noise.",
    ),
    Component(
        "schedule",
        "azula_elucidated",
        "invsolve_azula.schedules.elucidated:AzulaElucidated",
        "azula's noise levels of EDM.",
    ),
    Component(
        "command",
        "azula",
        "invsolve_azula.commands.app:app",
        "Convert checkpoints of ADM, EDM, EDM2 and JiT to safetensors; make small random ones.",
    ),
)


@hookimpl
def invsolve_components() -> tuple[Component, ...]:
    """Published image diffusion models."""
    return COMPONENTS
