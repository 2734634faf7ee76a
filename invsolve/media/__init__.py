"""Reading observations and writing pictures."""

from typing import TYPE_CHECKING

from invsolve.lazy import lazy_imports

if TYPE_CHECKING:
    from invsolve.media.clips import ClipFolder as ClipFolder
    from invsolve.media.clips import ClipsReader as ClipsReader
    from invsolve.media.dataset_writer import write_dataset as write_dataset
    from invsolve.media.frames import FramesReader as FramesReader
    from invsolve.media.image import ImageReader as ImageReader
    from invsolve.media.netcdf import NetCDFReader as NetCDFReader
    from invsolve.media.npz import NpzReader as NpzReader
    from invsolve.media.pair import PairReader as PairReader
    from invsolve.media.png_writer import write_frames as write_frames
    from invsolve.media.png_writer import write_png as write_png
    from invsolve.media.reader import ReadContext as ReadContext
    from invsolve.media.reader import Reader as Reader
    from invsolve.media.reader_dataset import ReaderDataset as ReaderDataset
    from invsolve.media.recording import Recording as Recording
    from invsolve.media.sample import SampleReader as SampleReader
    from invsolve.media.simulate import SimulateReader as SimulateReader
    from invsolve.media.video import VideoReader as VideoReader
    from invsolve.media.video_writer import write_video as write_video

__getattr__, __dir__ = lazy_imports(__name__)
