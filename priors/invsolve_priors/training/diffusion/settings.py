"""`DiffusionSettings`: the part of a training recipe that a transformer is trained by."""

from pathlib import Path
from typing import Literal, final

import attrs

from invsolve.errors import ComponentError
from invsolve.schedule import DiscreteSchedule, Schedule
from invsolve.validators import literal, number, whole
from invsolve_priors.learned.model_card import Output
from invsolve_priors.learned.stdit.configuration import CONFIGURATIONS, STDiTConfiguration
from invsolve_priors.training.diffusion.condition import Condition
from invsolve_priors.training.sizes import sizes_of

Weighting = Literal["uniform", "min_snr"]

count = whole(least=1)


@final
@attrs.frozen(kw_only=True)
class DiffusionSettings:
    """The settings of `DiffusionTask`.

    Attributes:
        autoencoder: the model file of the autoencoder, which `invsolve train` wrote.
        network: the name of a transformer, or its sizes.
        output: its parameterisation, see `ModelCard`.
        schedule: its noise levels.
        condition: what it is told of each clip; null trains it without a condition.
        batch: clips a step. Their levels are spread evenly over a step: place ``u_i = (i + u) / batch`` with one random
            ``u``.
        time_power: place ``u_i`` is the share ``u_i ** time_power`` of the schedule, so that a power above 1 shows more
            of the less noisy levels.
        weighting: ``uniform`` in the network's output, or ``min_snr``: ``min(SNR, 5) / (SNR + 1)`` (for ``v``).
        coherence: weight of the error of frame differences, see `coherence_loss`.
        reverse: half of the clips run backwards.
        rank: with the output ``residual``, principal axes of the linear estimate that the transformer corrects, and how
            many clips it is fitted to; it costs 2 bytes for each axis and number of a latent in the file.
        fitted: with the output ``residual``, principal axes of the linear estimate that the transformer corrects, and
            how many clips it is fitted to; it costs 2 bytes for each axis and number of a latent in the file.
        start: a model file whose transformer to go on from; its linear estimate comes along.
        start_matching: ``all`` of its parameters must fit, or only the ``shared`` ones, those of equal name and shape,
            are taken.

    Raises:
        ComponentError: for a network that takes a condition without one, and for one that does not take it.

    References:
        Hang et al. 2023, eq. 9 (min-SNR weighting, carried over to v).
    """

    autoencoder: Path
    network: str | STDiTConfiguration = "small"
    output: Output = attrs.field(default="v", validator=literal(Output))
    schedule: Schedule = attrs.field(factory=DiscreteSchedule)
    condition: Condition | None = None
    batch: int = attrs.field(default=24, validator=count)
    time_power: float = attrs.field(default=1.5, validator=number(above=0.0))
    weighting: Weighting = attrs.field(default="uniform", validator=literal(Weighting))
    coherence: float = attrs.field(default=0.0, validator=number(least=0.0))
    reverse: bool = True
    rank: int = attrs.field(default=512, validator=count)
    fitted: int = attrs.field(default=10000, validator=count)
    start: Path | None = None
    start_matching: Literal["all", "shared"] = "all"

    def __attrs_post_init__(self) -> None:
        named = self._named
        if self.start_matching == "shared" and self.start is None:
            raise ComponentError("`start_matching: shared` needs `start`, a model file to take parameters from.")
        if self.condition is None:
            if named.condition_channels or named.frame_numbers or named.observed_frame:
                raise ComponentError(
                    f"the network takes a condition ({named}), and the recipe makes none: write `condition`, or leave"
                    " condition_channels, condition_vector, interval_vector and observed_frame out."
                )
            return
        if self.output == "residual":
            raise ComponentError(
                "a condition cannot be trained with `output: residual`, which corrects an estimate that knows none;"
                " choose `v`."
            )
        self.condition.check(named)

    @property
    def sizes(self) -> STDiTConfiguration:
        """The sizes themselves; raises `ComponentError` for an unknown name."""
        sizes = self._named
        if self.output != "residual":
            return sizes
        return attrs.evolve(sizes, condition_channels=sizes.channels)

    @property
    def _named(self) -> STDiTConfiguration:
        if isinstance(self.network, STDiTConfiguration):
            return self.network
        return sizes_of("transformer", self.network, CONFIGURATIONS)
