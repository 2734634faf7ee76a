"""Reader `blocksworld`: clips of the toy world."""

import hashlib
from typing import Final, final

import attrs

from invsolve.errors import ComponentError
from invsolve.media import ReadContext, Reader, Recording
from invsolve.validators import literal, number, whole
from invsolve.video.space import VideoSpace
from invsolve_blocksworld.film import Film
from invsolve_blocksworld.ray_caster import RayCaster
from invsolve_blocksworld.world import WORLDS, Split, WorldName

FIRST: Final[int | None] = 0


def _counted(_: object, field: "attrs.Attribute[int | None]", value: int | None) -> None:
    if value is not None and value < 0:
        raise ComponentError(f"{field.name} counts clips from 0, got {value}.")


@final
@attrs.frozen
class BlocksworldReader(Reader):
    """Clips of spheres, cubes and cylinders that move and collide on a plane, ``b 3 t h w``, made when they are read.

    Values are linear light.

    Attributes:
        split: ``train``, ``validation`` or ``test``: worlds that share no scene.
        index: number of the first clip, from 0; None takes ``seed * clips`` with the seed of the recipe, so that every
            seed reads clips of its own.
        clips: how many clips, the batch axis.
        frames: of a clip.
        height: [pixels] of a frame.
        width: [pixels] of a frame.
        frame_rate: [frames/s] the finer, the more sub-frame times of the same motion.
        start: [s] time of the first frame.
        world: ``few`` (1 to 3 big solids) or ``crowd`` (3 to 6 small fast ones).
        samples: rays along each side of a pixel, for anti-aliasing.

    Raises:
        ComponentError: for values out of range.

    Examples:
        ```python
        recording = BlocksworldReader(split="test", index=7, frames=10).read(ReadContext())
        ```

        ```yaml
        input: {read: blocksworld, split: test, index: 7, frames: 10}
        ```
    """

    split: Split = attrs.field(default="train", validator=literal(Split))
    index: int | None = attrs.field(default=FIRST, validator=_counted)
    clips: int = attrs.field(default=1, validator=whole(least=1))
    frames: int = attrs.field(default=10, validator=whole(least=1))
    height: int = attrs.field(default=64, validator=whole(least=8))
    width: int = attrs.field(default=64, validator=whole(least=8))
    frame_rate: float = attrs.field(default=12.5, validator=number(above=0.0))
    start: float = attrs.field(default=0.0, validator=number(least=0.0))
    world: WorldName = attrs.field(default="few", validator=literal(WorldName))
    samples: int = attrs.field(default=2, validator=whole(least=1))

    @property
    def film(self) -> Film:
        """The film these clips are shot with; it knows their ground truth as well."""
        caster = RayCaster(height=self.height, width=self.width, samples=self.samples)
        return Film(
            world=WORLDS[self.world],
            caster=caster,
            frames=self.frames,
            frame_rate=self.frame_rate,
            start=self.start,
        )

    def read(self, context: ReadContext) -> Recording:
        """Shoot the clips."""
        first = context.seed * self.clips if self.index is None else self.index
        video = self.film.shoot(self.split, first, self.clips)
        return Recording(
            video=video,
            space=VideoSpace.of(video, frame_rate=self.frame_rate, transfer="linear"),
            name=f"blocksworld_{self.split}_{first}",
            sha256=hashlib.sha256(video.numpy().tobytes()).hexdigest(),
        )
