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
        "schedule", "azula_ve", "invsolve_azula.schedules.ve:AzulaVE", "Variance exploding noise levels of azula."
    ),
    Component(
        "schedule", "azula_vp", "invsolve_azula.schedules.vp:AzulaVP", "Variance preserving noise levels of azula."
    ),
    Component(
        "schedule", "azula_cosine", "invsolve_azula.schedules.cosine:AzulaCosine", "Cosine noise levels of azula."
    ),
    Component(
        "schedule",
        "azula_rectified",
        "invsolve_azula.schedules.rectified:AzulaRectified",
        "Straight lines between data and noise, of azula.",
    ),
    Component(
        "schedule",
        "azula_decay",
        "invsolve_azula.schedules.decay:AzulaDecay",
        "Straight lines of azula, with more time at little noise.",
    ),
    Component(
        "schedule",
        "azula_elucidated",
        "invsolve_azula.schedules.elucidated:AzulaElucidated",
        "Noise levels of EDM, as azula has them.",
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
