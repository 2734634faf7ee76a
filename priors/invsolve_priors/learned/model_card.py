"""`ModelCard`: the description inside a model file."""

import json
from collections.abc import Mapping
from typing import Any, Final, Literal, final

import attrs
import cattrs

from invsolve.errors import ComponentError
from invsolve.schedule import DiscreteSchedule, EDMSchedule, FlowSchedule, Schedule, VPSchedule
from invsolve.video.space import VideoSpace
from invsolve_priors.learned.autoencoder.configuration import AutoencoderConfiguration
from invsolve_priors.learned.stdit.configuration import STDiTConfiguration
from invsolve_priors.learned.stdit.gaussian_estimate import GaussianConfiguration

Output = Literal["eps", "v", "clean", "flow", "reverse_flow", "residual"]
Entrance = Literal["frame", "channels", "vector"]
OUTPUTS: Final[tuple[Output, ...]] = ("eps", "v", "clean", "flow", "reverse_flow", "residual")
SCHEDULES: Final[Mapping[str, type[Schedule]]] = {
    "discrete": DiscreteSchedule,
    "vp": VPSchedule,
    "edm": EDMSchedule,
    "flow": FlowSchedule,
}


@final
@attrs.frozen(kw_only=True)
class ModelCard:
    """The sizes of the networks in a model file, and the facts known of them.

    Attributes:
        space: the videos it was trained on.
        autoencoder: sizes of the autoencoder, None for a model of pixels in [-1, 1].
        denoiser: sizes of the transformer, None for an autoencoder alone.
        output: the transformer's output: ``eps``, ``v``, ``clean`` (``z0``), ``flow`` (``z1 - z0``), ``reverse_flow``
            (``z0 - z1``) or ``residual``: the error of a linear estimate, in units of its spread.
        gaussian: sizes of that `GaussianEstimate`, which the transformer gets as extra channels.
        schedule: the levels it was trained at; their ``time`` is what the transformer is told.
        condition: how an observation enters, for a model that was trained on observations: its latent as the first,
            clean latent ``frame``, as ``channels`` concatenated with the noisy ones, or as a ``vector`` for each frame.
        facts: data, recipe, steps, measurements, as JSON holds them.
    """

    space: VideoSpace
    autoencoder: AutoencoderConfiguration | None = None
    denoiser: STDiTConfiguration | None = None
    output: Output = "v"
    gaussian: GaussianConfiguration | None = None
    schedule: Schedule = attrs.field(factory=DiscreteSchedule)
    condition: Entrance | None = None
    facts: Mapping[str, Any] = attrs.field(factory=dict)

    def __attrs_post_init__(self) -> None:
        if (self.output == "residual") != (self.gaussian is not None):
            raise ComponentError(f"output residual needs `gaussian`, others have none; got {self.output}.")
        sizes = self.denoiser
        if self.gaussian and sizes and (sizes.condition_channels < sizes.channels or sizes.frame_numbers):
            raise ComponentError(
                "a transformer that corrects a linear estimate is shown it: condition_channels must be at least"
                f" {sizes.channels} and no numbers for each frame, got {sizes.condition_channels} and"
                f" {sizes.frame_numbers}."
            )

    @property
    def takes_condition(self) -> bool:
        """True if the transformer takes more than the latent, its time and the linear estimate."""
        if self.denoiser is None:
            return False
        own = self.denoiser.channels if self.gaussian else 0
        return bool(self.denoiser.condition_channels - own or self.denoiser.frame_numbers)

    def to_json(self) -> str:
        """The card as text."""
        return json.dumps(_converter().unstructure(self), indent=1)

    @classmethod
    def from_json(cls, text: str) -> "ModelCard":
        """The card of a text; raises `ValueError` or cattrs' errors for anything else."""
        return _converter().structure(json.loads(text), cls)


def _converter() -> cattrs.Converter:
    converter = cattrs.Converter(forbid_extra_keys=True)
    names = {kind: name for name, kind in SCHEDULES.items()}

    def write(schedule: Schedule) -> dict[str, Any]:
        kind: Any = type(schedule)  # the abstract class itself is not an attrs class
        return {"use": names[kind], **{each.name: getattr(schedule, each.name) for each in attrs.fields(kind)}}

    def read(data: Mapping[str, Any], _: type) -> Schedule:
        fields = {key: value for key, value in data.items() if key != "use"}
        return SCHEDULES[data["use"]](**fields)

    converter.register_unstructure_hook_func(lambda kind: kind is Schedule, write)
    converter.register_structure_hook_func(lambda kind: kind is Schedule, read)
    return converter
