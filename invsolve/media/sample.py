"""Reader `sample`: pictures that come with scikit-image."""

import importlib.util
from pathlib import Path
from typing import Final, final

import attrs

from invsolve.errors import MissingExtra, ReadError, did_you_mean
from invsolve.extras import advice
from invsolve.files.sha256 import sha256_of
from invsolve.media.framing import Framing, check_crop, check_size
from invsolve.media.picture import Channels, Taking, read_picture
from invsolve.media.reader import ReadContext, Reader
from invsolve.media.recording import Recording
from invsolve.validators import literal, optional, whole
from invsolve.video.space import VideoSpace

# CC0, public domain or without known copyright by scikit-image's own documentation, and inside of its wheel
PICTURES: Final = {
    "astronaut": "astronaut.png",
    "brick": "brick.png",
    "camera": "camera.png",
    "cell": "cell.png",
    "chelsea": "chelsea.png",
    "clock": "clock_motion.png",
    "coffee": "coffee.png",
    "coins": "coins.png",
    "grass": "grass.png",
    "gravel": "gravel.png",
    "hubble_deep_field": "hubble_deep_field.jpg",
    "immunohistochemistry": "ihc.png",
    "microaneurysms": "microaneurysms.png",
    "retina": "retina.jpg",
    "rocket": "rocket.jpg",
    "text": "text.png",
}


@final
@attrs.frozen
class SampleReader(Reader):
    """A CC0 or public-domain picture installed with scikit-image, ``1 c 1 h w``; nothing is downloaded.

    Attributes:
        name: ``coffee``, ``astronaut``, ``camera``, ``chelsea``, ...; a wrong one lists them all.
        channels: ``auto``, ``grey`` or ``rgb``.
        crop: first cut out `HxW` pixels from the middle, or `HxW+TOP+LEFT`: height, then width.
        size: then scale, with its proportions kept, until it covers `HxW` pixels, and cut off the rest evenly.
        longest_side: then scale down until neither side is longer [pixels].

    Raises:
        ReadError: for an unknown name.
        MissingExtra: where scikit-image is not installed.

    Examples:
        ```python
        recording = SampleReader(name="coffee", size="256x384").read(ReadContext())
        ```

        ```yaml
        input: {read: sample, name: coffee, size: 256x384}
        ```
    """

    name: str
    channels: Channels = attrs.field(default="auto", validator=literal(Channels))
    crop: str | None = attrs.field(default=None, validator=check_crop)
    size: str | None = attrs.field(default=None, validator=check_size)
    longest_side: int | None = attrs.field(default=None, validator=optional(whole(least=1)))

    def read(self, context: ReadContext) -> Recording:
        """Read the picture."""
        del context
        path = self._path()
        framing = Framing(self.crop, self.size, self.longest_side)
        picture = read_picture(path, Taking(channels=self.channels), framing)
        space = VideoSpace.of(picture.video, transfer=picture.transfer)
        return Recording(video=picture.video, space=space, name=self.name, sha256=sha256_of(path), notes=picture.notes)

    def _path(self) -> Path:
        if self.name not in PICTURES:
            raise ReadError(
                f"there is no sample picture {self.name!r}.{did_you_mean(self.name, PICTURES)}"
                f" Samples: {', '.join(PICTURES)}."
            )
        # find_spec does not import scikit-image, whose data module takes a second
        found = importlib.util.find_spec("skimage")
        if found is None or not found.submodule_search_locations:
            raise MissingExtra(
                f"the sample pictures come with scikit-image, which is not installed: {advice('skimage')}."
            )
        return Path(found.submodule_search_locations[0]) / "data" / PICTURES[self.name]
