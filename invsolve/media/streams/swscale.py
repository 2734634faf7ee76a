"""`Swscale`: red, green and blue by FFmpeg's own scaler, for the frames that it gets right."""

from fractions import Fraction
from typing import Final, final

import attrs
import av
import numpy as np
import torch
from av.filter import Graph
from av.video.format import VideoFormat
from av.video.frame import VideoFrame
from jaxtyping import Float
from torch import Tensor

from invsolve.media.streams.colour import MatrixName, RangeName

# the first release whose conversions of whole planes are in float (behind the flag `unstable`)
_SINCE: Final = (9, 5)
_FORMATS: Final = frozenset(f"yuv4{chroma}p{depth}" for chroma in ("20", "22", "44") for depth in ("", "10le", "12le"))
# above what rounding makes of black, and far below the step of any depth
_BLACK: Final = 1e-7
_CHROMA: Final = "flags=bilinear+accurate_rnd+full_chroma_inp"


@final
@attrs.define(eq=False)
class Swscale:
    """What `to_rgb` makes of a frame, to 0.001 of a level of 8 bits, in some 60 % of its time.

    Two conversions: chroma to the size of the luma in 16 bits, where the weights 1/4, 1/2 and 3/4 leave no remainder;
    then all planes to float RGB. In one conversion it would compute in 8 bits, half a level too dark. It serves 4:2:0,
    4:2:2 and 4:4:4 of limited range, of even sizes from 16 on: it squeezes chroma over an odd size, and from the full
    range of one depth to that of another it merely shifts.
    """

    _idle: dict[tuple[str, int, int, str, str], list[Graph]] = attrs.field(factory=dict, init=False)

    def serves(self, frame: VideoFrame, span: RangeName) -> bool:
        """Whether this frame is one that swscale gets right."""
        whole = frame.width % 2 == frame.height % 2 == 0 and min(frame.width, frame.height) >= 16
        return frame.format.name in _FORMATS and span == "limited" and whole and _version() >= _SINCE

    def to_rgb(
        self, frame: VideoFrame, matrix: MatrixName, *, centred: bool, row_sited: bool, out: Tensor | None
    ) -> Float[Tensor, "3 h w"]:
        """Float32, clipped to [0, 1]; the arguments are those of the function `to_rgb`."""
        place = {(True, False): "center", (False, True): "topleft", (True, True): "top"}.get(
            (centred, row_sited), "left"
        )
        key = (frame.format.name, frame.width, frame.height, matrix, place)
        idle = self._idle.setdefault(key, [])
        graph = idle.pop() if idle else _graph(*key)
        graph.vpush(frame)
        converted = graph.vpull()
        idle.append(graph)
        shape = (3, frame.height, frame.width)
        picture = out if out is not None and out.shape == shape else torch.empty(shape)
        green, blue, red = (_values(converted, number) for number in range(3))
        for channel, values in zip(picture, (red, green, blue), strict=True):
            torch.clamp(values, max=1, out=channel)
            torch.threshold_(channel, _BLACK, 0.0)
        return picture


def _version() -> tuple[int, ...]:
    return av.library_versions["libswscale"]


def _graph(form: str, width: int, height: int, matrix: str, place: str) -> Graph:
    graph = Graph()
    node = graph.add_buffer(width=width, height=height, format=VideoFormat(form), time_base=Fraction(1))
    # not what the frame says: some of it has no name there, and none of it is to be converted
    light = ":".join(f"{way}_{what}=bt709" for way in ("in", "out") for what in ("transfer", "primaries"))
    same = f"in_color_matrix={matrix}:out_color_matrix={matrix}:in_range=limited:out_range=limited"
    for name, options in (
        ("scale", f"{_CHROMA}:in_chroma_loc={place}:{same}:{light}"),
        ("format", "yuv444p16le"),
        ("scale", f"flags=unstable:in_color_matrix={matrix}:in_range=limited:out_range=full:{light}"),
        ("format", "gbrpf32le"),
        ("buffersink", None),
    ):
        following = graph.add(name, options)
        node.link_to(following)
        node = following
    graph.configure()
    return graph


def _values(frame: VideoFrame, number: int) -> Float[Tensor, "h w"]:
    plane = frame.planes[number]
    rows = np.frombuffer(memoryview(plane), dtype="<f4").reshape(plane.height, plane.line_size // 4)
    return torch.from_numpy(rows[:, : plane.width])
