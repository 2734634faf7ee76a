"""`ExposureConditioned`: frames at stated times, given one blurred picture."""

from pathlib import Path
from typing import ClassVar, final

import attrs
import torch
from torch import Tensor

from invsolve.arrays import Matrix, array_of, matrix_or_file, shown
from invsolve.errors import CapabilityError, ComponentError, SpaceError
from invsolve.prior import ConditionForm, Prior
from invsolve.prior.interval_encoding import encode_intervals, grouped
from invsolve.prior.prediction import Prediction
from invsolve.prior.wrapped import WrappedPrior
from invsolve.schedule import NoiseLevel
from invsolve.validators import instance, number, whole


@final
@attrs.frozen
class ExposureConditioned(WrappedPrior):
    """``p(z0 | b)``: a network that is told when each frame was exposed, and shown a blurred picture's latent ``b``.

    The picture is an extra latent frame, the first, clean at every level; the network's output for it is dropped. With
    it go ``48 frames_per_latent`` numbers for each latent frame: the sines and cosines of start and end of each
    exposure, in time units in which the picture's own exposure is -0.5 to 0.5 (see `encode_intervals`).

    The condition is the latent of the blurred picture, ``b c 1 h w``: ``prior.encode(picture)``, one for each
    observation. Under `cfg` it is the latent that becomes 0, the intervals stay, as in training.

    Attributes:
        prior: any prior that takes a condition ``b t v``, trained with the picture as the first of ``t`` frames.
        intervals: start and end of each frame's exposure, one row a frame, in units of the picture's exposure, which
            runs from 0 to 1; null tiles it without gaps. Where rows are fewer than frames, the last one is repeated.
        frames_per_latent: how many frames the prior's encoder merges into one of its latent frames; the first stands
            alone where it is more than 1, as in causal encoders.
        frequency_scale: positive, multiplies the frequencies of the encoding.

    Raises:
        CapabilityError: without a condition.
        SpaceError: for one that is not a latent frame.
        ComponentError: for intervals that end before they start, or more of them than frames.

    References:
        Tedla, Zhu, Canham, Taubner, Brown, Kutulakos and Lindell 2025, their code; there ``frames_per_latent`` is 4 and
        16 intervals fill 5 latent frames.

    Examples:
        ```python
        ExposureConditioned(prior=STDiT(file="exposures.safetensors"), intervals=[[-0.5, 0.0], [0.0, 0.5], [0.5, 1.0]])
        ```

        ```yaml
        prior:
          use: exposure_conditioned
          prior: {use: stdit, file: exposures.safetensors}
          intervals: [[-0.5, 0.0], [0.0, 0.5], [0.5, 1.0], [1.0, 1.5]]
          frames_per_latent: 1
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@article{tedla2025generating,\n"
        "  title = {Generating the Past, Present and Future from a Motion-Blurred Image},\n"
        "  author = {Tedla, SaiKiran and Zhu, Kelly and Canham, Trevor and Taubner, Felix and Brown, Michael S. and "
        "Kutulakos, Kiriakos N. and Lindell, David B.},\n"
        "  journal = {arXiv:2512.19817},\n  year = {2025}\n}",
    )

    condition_form: ClassVar[ConditionForm] = "frame"

    prior: Prior = attrs.field(validator=instance(Prior))
    intervals: Path | Matrix | None = attrs.field(
        default=None, converter=attrs.converters.optional(matrix_or_file), repr=shown
    )
    frames_per_latent: int = attrs.field(default=1, validator=whole(least=1))
    frequency_scale: float = attrs.field(default=1.0, validator=number(above=0.0))

    @intervals.validator
    def _in_order(self, _: object, value: Path | Matrix | None) -> None:
        if value is None:
            return
        rows = array_of(value, "intervals", 2)
        if rows.shape[1] != 2 or bool((rows[:, 1] < rows[:, 0]).any()):
            raise ComponentError(
                f"intervals are rows of start and end, the end not before the start; got {len(rows)} rows of "
                f"{rows.shape[1]} numbers, or one that ends before it starts."
            )

    def predict(self, z: Tensor, level: NoiseLevel, condition: Tensor | None = None) -> Prediction:
        """The prior's prediction of all frames but the first, which is the picture."""
        if condition is None:
            raise CapabilityError(
                "exposure_conditioned needs a condition: give the problem the latent of a blurred picture for each "
                "observation, prior.encode(picture)."
            )
        frame = (*z.shape[:2], 1, *z.shape[3:])
        if tuple(condition.shape) != frame:
            raise SpaceError(
                f"the condition has shape {tuple(condition.shape)}; the latent of one blurred picture for each of "
                f"{len(z)} videos has b c t h w = {frame}."
            )
        numbers = self.numbers(z.shape[2]).to(z)
        joined = torch.cat([condition.to(z), z], dim=2)
        found = self.prior.predict(joined, level, numbers.expand(len(z), *numbers.shape))
        fraction = found.variance_fraction
        return Prediction(
            found.z0[:, :, 1:], found.eps[:, :, 1:], None, None if fraction is None else fraction[:, :, 1:]
        )

    def numbers(self, latents: int) -> Tensor:
        """The encoded times of the picture and of `latents` latent frames, ``1 + latents`` rows, float64."""
        rows = self._rows(self.frames_per_latent * (latents - 1) + 1) - 0.5
        picture = rows.new_tensor([-0.5, 0.5]).expand(1, self.frames_per_latent, 2)
        whole = torch.cat([picture, grouped(rows, latents, self.frames_per_latent)])
        return encode_intervals(whole.flatten(0, 1), self.frequency_scale).reshape(1 + latents, -1)

    def _rows(self, frames: int) -> Tensor:
        if self.intervals is None:
            ends = torch.arange(frames + 1, dtype=torch.float64) / frames
            return torch.stack([ends[:-1], ends[1:]], dim=1)
        rows = torch.from_numpy(array_of(self.intervals, "intervals", 2))
        if len(rows) > frames:
            raise ComponentError(f"{len(rows)} intervals are given for a video of {frames} frames.")
        return rows
