"""`PhotographPrior`: the videos that one blurred photograph may be of."""

from collections.abc import Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import ClassVar, Final, Literal, final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import CapabilityError, ComponentError, ReadError, SpaceError
from invsolve.media import ReadContext, Reader
from invsolve.prior import Prior
from invsolve.prior.prediction import Prediction
from invsolve.prior.weights import Weights, weights_named
from invsolve.randomness import Randomness
from invsolve.schedule import DiscreteSchedule, NoiseLevel, Schedule
from invsolve.validators import as_path, instance, number, whole
from invsolve.video.space import VideoSpace
from invsolve_photographs.law import DIRECTION, PhotographLaw
from invsolve_photographs.model_file import PhotographModel, read_network
from invsolve_photographs.motion.path import EXPOSURE
from invsolve_photographs.motion.regions import Regions
from invsolve_photographs.network.inference import estimated
from invsolve_photographs.photograph_weights import PhotographWeights

Mirrors = Literal[1, 2, 4, 8]
MIRRORS: Final = (1, 2, 4, 8)
PICTURE_STD, END_STD = 1.25, 0.8  # of a component, for a mean absolute error or a mean length of 1: normal laws


def _pairs(value: Sequence[Sequence[float]] | None) -> tuple[tuple[float, float], ...] | None:
    if value is None:
        return None
    rows = tuple(tuple(float(each) for each in row) for row in value)
    if not rows or any(len(row) != 2 or not row[0] <= row[1] for row in rows):
        raise ComponentError(f"intervals are rows of start and end, the end no earlier; got {value!r}.")
    return tuple((row[0], row[1]) for row in rows)


@final
@attrs.frozen
class PhotographPrior(Prior):
    """``p(x | photograph)``: one sharp picture and its motion, as a trained network sees them in a photograph.

    Latents are standard normal but for one channel, the direction of time of each region that moves on its own, which
    is ``+1`` or ``-1``; `PhotographLaw` says how they become videos. The law is a mixture over the directions, so that
    ``z0`` and ``eps`` are exact at every noise level:

        E[z0 | z] = a z / (a^2 + s^2),   E[direction | z] = sum_s s P(s) N(z; a s, s^2 I) / sum_s P(s) N(z; a s, s^2 I)

    It is a posterior already: an operator that says how the photograph was exposed makes samples explain it to within
    its noise, and tells the directions apart where something else than this photograph was observed.

    **Known bias**: where something is hidden and comes into view, there is nothing to warp; regions are found on a
    coarse grid; of errors only their size is known, not how they hang together.

    Attributes:
        photograph: reader of the photograph, one frame of 3 channels, display-encoded.
        frames: equal parts that the exposure is divided into.
        past: as many such parts before it and after it.
        future: as many such parts before it and after it.
        intervals: instead of these, start and end of each frame's exposure, in units of the photograph's, which runs
            from 0 to 1. A frame shows the middle of its interval.
        weights: installed weights, or the name of some, ``photographs`` by default; or
        file: a model file that `invsolve train` wrote.
        mirrors: how many mirror images are seen and averaged: 1, 2, 4 or 8.
        picture_std: factors on the network's mean errors of the picture and of the displacements.
        end_std: factors on the network's mean errors of the picture and of the displacements.
        remainder_std: of what the motion of one picture cannot show [display values].

    Raises:
        ComponentError: for ``intervals`` that end before they start or stand beside ``frames``.
        SpaceError: for videos of another size than the photograph or another number of frames.
        ReadError: for a photograph of several frames or of one channel.

    References:
        Jin, Meishvili and Favaro 2018 (videos from one blurred picture, up to their direction). The double angle, the
        law and its modes are our own.

    Examples:
        ```python
        PhotographPrior(photograph=ImageReader(path=Path("photo.jpg"), channels="rgb"), past=3, future=3)
        ```

        ```yaml
        prior: {use: photograph, photograph: {read: image, path: photo.jpg, channels: rgb}, past: 3, future: 3}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{jin2018learning,\n"
        "  title = {Learning to Extract a Video Sequence from a Single Motion-Blurred Image},\n"
        "  author = {Jin, Meiguang and Meishvili, Givi and Favaro, Paolo},\n"
        "  booktitle = {CVPR},\n  year = {2018}\n}",
    )

    photograph: Reader = attrs.field(validator=instance(Reader))
    frames: int = attrs.field(default=7, validator=whole(least=1))
    past: int = attrs.field(default=0, validator=whole(least=0))
    future: int = attrs.field(default=0, validator=whole(least=0))
    intervals: tuple[tuple[float, float], ...] | None = attrs.field(default=None, converter=_pairs)
    file: Path | None = attrs.field(default=None, converter=attrs.converters.optional(as_path))
    weights: Weights | None = attrs.field(default=None, converter=weights_named)
    mirrors: Mirrors = attrs.field(default=2)
    picture_std: float = attrs.field(default=1.0, validator=number(least=0.0))
    end_std: float = attrs.field(default=1.0, validator=number(least=0.0))
    remainder_std: float = attrs.field(default=0.02, validator=number(above=0.0))
    schedule: Schedule = attrs.field(factory=DiscreteSchedule)

    def __attrs_post_init__(self) -> None:
        if self.intervals is not None and (self.frames, self.past, self.future) != (7, 0, 0):
            raise ComponentError("`intervals` say all: leave out frames, past and future.")
        if self.weights is not None and self.file is not None:
            raise ComponentError(f"give either `weights` or `file`, got {self.weights!r} and {self.file}.")

    @mirrors.validator
    def _some_mirrors(self, _: object, value: int) -> None:
        if value not in MIRRORS:
            raise ComponentError(f"PhotographPrior.mirrors must be one of 1, 2, 4, 8, got {value!r}.")

    @cached_property
    def model(self) -> PhotographModel:
        """What the model file holds, read when it is first needed."""
        if self.file is not None:
            return _model(self.file)
        return _model(self._weights.path())

    @property
    def own_files(self) -> tuple[Path, ...]:
        """The installed weights, where no field names any."""
        return (self._weights.path(),) if self.weights is None and self.file is None else ()

    @property
    def _weights(self) -> Weights:
        return PhotographWeights() if self.weights is None else self.weights

    @cached_property
    def picture(self) -> Float[Tensor, "1 3 h w"]:
        """The photograph, display values in [0, 1]."""
        recording = self.photograph.read(ReadContext())
        if recording.space.frames != 1 or recording.space.channels != 3 or len(recording.video) != 1:
            raise ReadError(
                f"{recording.name} has {recording.space.frames} frames and {recording.space.channels} channels; a"
                " photograph is one frame of three: write `channels: rgb`, and `frames: 1` for a video."
            )
        return recording.video[:, :, 0].float()

    @property
    def times(self) -> Float[Tensor, " t"]:
        """The instant of each frame, in time units of a `Path`."""
        if self.intervals is not None:
            middles = torch.tensor([(start + end) / 2 for start, end in self.intervals])
            return (2 * middles - 1) * EXPOSURE
        parts = torch.arange(-self.past, self.frames + self.future) + 0.5
        return (2 * parts / self.frames - 1) * EXPOSURE

    @cached_property
    def law(self) -> PhotographLaw:
        """The law of latents; the network looks at the photograph once."""
        estimate = estimated(self.model.network, self.picture, self.mirrors)
        facts = self.model.facts.get("calibration", {})
        picture = self.picture_std * facts.get("picture_std", PICTURE_STD)
        end = self.end_std * facts.get("end_std", END_STD)
        return PhotographLaw(
            estimate=estimate,
            regions=Regions.of(estimate.path.line[0]),
            times=self.times,
            picture_std=(picture * estimate.sharp_spread).clamp_min(1e-4),
            end_std=end * estimate.end_spread,
            remainder_std=self.remainder_std,
        )

    def latent_shape(self, space: VideoSpace) -> tuple[int, int, int, int]:
        """``99 1 h/4 w/4``, rounded up."""
        height, width = self.picture.shape[-2:]
        wanted = (3, len(self.times), height, width)
        if space.shape != wanted:
            raise SpaceError(
                f"the videos of this photograph are c t h w = {wanted}, got {space.shape} in {space}; give its reader"
                " and that of the input the same size, and the prior as many frames as the operator takes."
            )
        return self.law.shape

    def encode(self, video: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b zc zt zh zw"]:
        """See `PhotographLaw.encode`."""
        return self.law.encode(video)

    def decode(self, z: Float[Tensor, "b zc zt zh zw"]) -> Float[Tensor, "b c t h w"]:
        """See `PhotographLaw.decode`."""
        return self.law.decode(z)

    def predict(
        self, z: Float[Tensor, "b zc zt zh zw"], level: NoiseLevel, condition: Tensor | None = None
    ) -> Prediction:
        """The means of the mixture over directions; `condition` must be None, since the photograph is a field."""
        if condition is not None:
            raise CapabilityError("the prior of a photograph takes no condition: the photograph is one of its fields.")
        regions = self.law.regions
        signs, log_weights = regions.directions()
        signs, log_weights = signs.to(z), log_weights.to(z)
        evidence = level.a / level.s**2 * regions.sums(z[:, DIRECTION, 0])
        chances = torch.softmax(evidence @ signs.T + log_weights, dim=1)
        normal = level.a / (level.a**2 + level.s**2) * z[:, : DIRECTION.start]
        z0 = torch.cat([normal, regions.spread_out(chances @ signs)[:, :, None]], 1)
        return Prediction.from_clean(z, z0, level)

    def drawn(self, rng: Randomness, like: Float[Tensor, "b zc zt zh zw"]) -> Float[Tensor, "b zc zt zh zw"]:
        """A draw of the law for each row of `like`."""
        regions = self.law.regions
        signs, log_weights = regions.directions()
        place = rng.uniform(like.new_empty(len(like), 1))
        which = (log_weights.exp().cumsum(0).to(like) < place).sum(1).clamp_max(len(signs) - 1)
        z = rng.normal(like)
        z[:, DIRECTION, 0] = regions.spread_out(signs.to(like)[which])
        return z


@lru_cache(maxsize=2)
def _model(path: Path) -> PhotographModel:
    return read_network(path)
