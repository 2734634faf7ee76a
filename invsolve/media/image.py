"""Reader `image`: one still picture."""

from pathlib import Path
from typing import ClassVar, final

import attrs

from invsolve.files.sha256 import hashing
from invsolve.media.framing import Framing, check_crop, check_size
from invsolve.media.opacity import Alpha
from invsolve.media.picture import SUFFIXES, Channels, Taking, check_primaries, read_picture
from invsolve.media.reader import ReadContext, Reader, check_transfer
from invsolve.media.recording import Recording
from invsolve.media.source import require_file
from invsolve.media.values import Outside
from invsolve.validators import as_path, literal, number, optional, whole
from invsolve.video.space import VideoSpace


@final
@attrs.frozen
class ImageReader(Reader):
    """A picture as a video of one frame, ``1 c 1 h w``, float32 in [0, 1].

    PNG, JPEG, TIFF, OpenEXR, WebP, AVIF, JPEG 2000, Netpbm and others at their full depth, camera raw files with the
    extra ``raw``. Grey pictures have 1 channel. Turned upright by EXIF; colours of other primaries than sRGB's (by ICC
    profile, cICP, cHRM, nclx) are converted in linear light. OpenEXR and PFM keep values beyond 1.

    Attributes:
        path: the file.
        page: which picture of a TIFF stack, or part of an OpenEXR file; the first is 0.
        channels: ``auto``, ``grey`` or ``rgb``.
        alpha: what to do with transparent pixels: ``refuse``, ``black``, ``white`` or ``drop``.
        crop: first cut out `HxW` pixels from the middle, or `HxW+TOP+LEFT`: height, then width.
        size: then scale, with its proportions kept, until it covers `HxW` pixels, and cut off the rest evenly.
        longest_side: then scale down until neither side is longer [pixels].
        transfer: ``linear``, ``srgb``, ``gamma:2.2``, ``hlg``, ``pq`` or ``unknown`` instead of the file's own; a file
            that declares none is ``srgb``.
        primaries: ``srgb``, ``bt2020``, ``display-p3``, ``adobe-rgb``, ... instead of the file's own.
        white: the stored number that means 1, such as 4095 for 12 bits kept in 16; by default the largest there is.
        outside: what to do with floats outside of [0, 1]: ``refuse``, ``clip`` or ``keep``; by default ``keep`` for
            OpenEXR and PFM, ``refuse`` otherwise.

    Raises:
        ReadError: for a file that is missing, not a picture, or damaged.

    Examples:
        ```python
        recording = ImageReader(path=Path("photo.jpg"), longest_side=512).read(ReadContext())
        ```

        ```yaml
        input: {read: image, path: photo.jpg, longest_side: 512}
        ```
    """

    suffixes: ClassVar[tuple[str, ...]] = SUFFIXES

    path: Path = attrs.field(converter=as_path)
    page: int | None = attrs.field(default=None, validator=optional(whole(least=0)))
    channels: Channels = attrs.field(default="auto", validator=literal(Channels))
    alpha: Alpha = attrs.field(default="refuse", validator=literal(Alpha))
    crop: str | None = attrs.field(default=None, validator=check_crop)
    size: str | None = attrs.field(default=None, validator=check_size)
    longest_side: int | None = attrs.field(default=None, validator=optional(whole(least=1)))
    transfer: str | None = attrs.field(default=None, validator=check_transfer)
    primaries: str | None = attrs.field(default=None, validator=check_primaries)
    white: float | None = attrs.field(default=None, validator=optional(number(above=0.0)))
    outside: Outside | None = attrs.field(default=None, validator=optional(literal(Outside)))

    def read(self, context: ReadContext) -> Recording:
        """Read the picture."""
        del context
        taking = Taking(self.channels, self.alpha, self.transfer, self.primaries, self.white, self.outside, self.page)
        require_file(self.path)
        with hashing(self.path) as sha256:
            picture = read_picture(self.path, taking, Framing(self.crop, self.size, self.longest_side))
        return Recording(
            video=picture.video,
            space=VideoSpace.of(picture.video, transfer=picture.transfer),
            name=self.path.stem,
            sha256=sha256.result(),
            notes=picture.notes,
        )
