"""Reading observations and writing pictures."""

from typing import TYPE_CHECKING, Any

from invsolve.plugin import lazy_exports

if TYPE_CHECKING:
    from invsolve.media.dataset_writer import write_dataset as write_dataset
    from invsolve.media.frames import FramesReader as FramesReader
    from invsolve.media.image import ImageReader as ImageReader
    from invsolve.media.netcdf import NetCDFReader as NetCDFReader
    from invsolve.media.npz import NpzReader as NpzReader
    from invsolve.media.png_writer import write_frames as write_frames
    from invsolve.media.png_writer import write_png as write_png
    from invsolve.media.reader import ReadContext as ReadContext
    from invsolve.media.reader import Reader as Reader
    from invsolve.media.recording import Recording as Recording
    from invsolve.media.sample import SampleReader as SampleReader
    from invsolve.media.simulate import SimulateReader as SimulateReader
    from invsolve.media.video import VideoReader as VideoReader
    from invsolve.media.video_writer import write_video as write_video

TARGETS = (
    "invsolve.media.dataset_writer:write_dataset",
    "invsolve.media.frames:FramesReader",
    "invsolve.media.image:ImageReader",
    "invsolve.media.netcdf:NetCDFReader",
    "invsolve.media.npz:NpzReader",
    "invsolve.media.png_writer:write_frames",
    "invsolve.media.png_writer:write_png",
    "invsolve.media.reader:ReadContext",
    "invsolve.media.reader:Reader",
    "invsolve.media.recording:Recording",
    "invsolve.media.sample:SampleReader",
    "invsolve.media.simulate:SimulateReader",
    "invsolve.media.video:VideoReader",
    "invsolve.media.video_writer:write_video",
)
_lazy, __dir__ = lazy_exports(__name__, (), TARGETS)


def __getattr__(name: str) -> Any:
    """Import a public name at its first use."""
    return _lazy(name)
