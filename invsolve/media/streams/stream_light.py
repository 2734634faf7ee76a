"""`StreamLight`: what the values of a video mean, as it declares or as it is guessed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, final

import attrs
from av.video.frame import VideoFrame

from invsolve.errors import ChoiceNeeded
from invsolve.media.formats.declared import declared_primaries, declared_transfer
from invsolve.media.streams.colour import MatrixName, RangeName
from invsolve.video.primaries import PRIMARIES, SRGB, Chromaticities

_MATRICES: Final[Mapping[int, MatrixName]] = {
    1: "bt709",
    4: "fcc",
    5: "bt601",
    6: "bt601",
    7: "smpte240m",
    9: "bt2020",
}
_UNSPECIFIED: Final = (0, 2, 3)
_LIMITED, _FULL = 1, 2
# codecs whose frames of luma alone are of limited range unless they say otherwise
_BROADCAST: Final = ("h264", "hevc", "vp9", "av1", "mpeg2video", "mpeg4", "libdav1d", "vvc")
# as players draw the line between SD and HD
_HD_WIDTH, _HD_HEIGHT = 1280, 576


@final
@attrs.frozen
class StreamLight:
    """What the numbers of a stream mean.

    Attributes:
        matrix: of Y'CbCr.
        span: of the numbers; ``transfer`` and ``primaries`` as everywhere.
        guessed: which of these the file does not say.
    """

    matrix: MatrixName
    span: RangeName
    transfer: str
    primaries: Chromaticities
    guessed: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """The guesses, in words."""
        if not self.guessed:
            return ()
        from invsolve.video.primaries import named

        taken = {
            "matrix": self.matrix,
            "range": self.span,
            "transfer": self.transfer,
            "primaries": named(self.primaries) or "its own",
        }
        listed = ", ".join(f"{name} {taken[name]}" for name in self.guessed)
        return (f"the file does not say: {listed} guessed (fields of these names say otherwise)",)


@final
@attrs.frozen
class Claims:
    """A recipe's declarations in place of the file's; None leaves it to the file."""

    matrix: MatrixName | None = None
    span: RangeName | None = None
    transfer: str | None = None
    primaries: str | None = None


def light_of(frame: VideoFrame, codec: str, claims: Claims, path: Path) -> StreamLight:
    """The declarations of a frame, completed by `claims` and by guesses.

    Y'CbCr without a matrix is taken for BT.709 from 1280 pixels of width or above 576 of height, for BT.601 below.

    Raises:
        ChoiceNeeded: for a declared matrix, transfer or primaries that have no name here.
    """
    name = frame.format.name
    coloured = name.startswith(("yuv", "nv", "p0", "p2", "p4", "yuyv", "uyvy", "yvyu", "y2", "ayuv"))
    guessed = []
    matrix = claims.matrix
    if matrix is None:
        code = int(frame.colorspace)
        if code in _UNSPECIFIED or not coloured:
            matrix = "bt709" if frame.width >= _HD_WIDTH or frame.height > _HD_HEIGHT else "bt601"
            guessed += ["matrix"] if coloured else []
        elif code in _MATRICES:
            matrix = _MATRICES[code]
        else:
            raise ChoiceNeeded(
                f"{path} declares the matrix coefficients {code} of ITU-T H.273, which are not read. Convert it, or"
                " write `matrix:` bt601, bt709, bt2020, smpte240m or fcc.",
                field="matrix",
            )
    span = claims.span
    if span is None:
        span, known = _span(frame, codec, coloured)
        guessed += [] if known else ["range"]
    transfer = claims.transfer or declared_transfer(int(frame.color_trc), path)
    primaries = (
        declared_primaries(int(frame.color_primaries), path)
        if claims.primaries is None
        else PRIMARIES[claims.primaries]
    )
    guessed += [name for name, value in (("transfer", transfer), ("primaries", primaries)) if value is None]
    return StreamLight(matrix, span, transfer or SRGB, primaries or PRIMARIES[SRGB], tuple(guessed))


def _span(frame: VideoFrame, codec: str, coloured: bool) -> tuple[RangeName, bool]:
    declared = int(frame.color_range)
    if declared in (_LIMITED, _FULL):
        return ("limited" if declared == _LIMITED else "full"), True
    if "yuvj" in frame.format.name:
        return "full", True
    # by the standards of these codecs the range is limited where the stream declares none
    limited = coloured or (frame.format.name.startswith("gray") and codec in _BROADCAST)
    return ("limited" if limited else "full"), True
