"""Reader `image`: one still picture."""

from pathlib import Path
from typing import final

import attrs

from invsolve.files.sha256 import sha256_of
from invsolve.media.framing import Framing, check_crop, check_size
from invsolve.media.picture import Alpha, Channels, read_picture
from invsolve.media.reader import ReadContext, Reader, check_transfer
from invsolve.media.recording import Recording
from invsolve.validators import one_of, optional, whole
from invsolve.video.space import VideoSpace


@final
@attrs.frozen
class ImageReader(Reader):
    """A picture as a video of one frame, ``1 c 1 h w``, float32 in [0, 1].

    PNG, JPEG, TIFF, WebP, BMP and others; 8 or 16 bits; grey pictures have 1 channel; turned upright by EXIF.

    - ``path``: the file.
    - ``channels``: ``auto``, ``grey`` or ``rgb``.
    - ``alpha``: what to do with transparent pixels: ``refuse``, ``black``, ``white`` or ``drop``.
    - ``crop``, ``size``, ``longest_side``: cut and scaled in this order; see `Framing`.
    - ``transfer``: ``srgb`` for ordinary pictures, ``linear`` for linear light, or ``gamma:2.2``.

    Raises `ReadError` for a file that is missing, not a picture, or damaged.

    ```python
    recording = ImageReader(path=Path("photo.jpg"), longest_side=512).read(ReadContext())
    ```
    ```yaml
    input: {read: image, path: photo.jpg, longest_side: 512}
    ```
    """

    path: Path
    channels: Channels = attrs.field(default="auto", validator=one_of(("auto", "grey", "rgb")))
    alpha: Alpha = attrs.field(default="refuse", validator=one_of(("refuse", "black", "white", "drop")))
    crop: str | None = attrs.field(default=None, validator=check_crop)
    size: str | None = attrs.field(default=None, validator=check_size)
    longest_side: int | None = attrs.field(default=None, validator=optional(whole(least=1)))
    transfer: str = attrs.field(default="srgb", validator=check_transfer)

    def read(self, context: ReadContext) -> Recording:
        """Read the picture."""
        del context
        picture = read_picture(self.path, self.channels, self.alpha)
        video = Framing(self.crop, self.size, self.longest_side).apply(picture, str(self.path))
        space = VideoSpace.of(video, transfer=self.transfer)
        return Recording(video=video, space=space, name=self.path.stem, sha256=sha256_of(self.path))
