"""How long readers take beside the library that decodes for them: `python tests/benchmarks/readers.py`.

Prints a table of ratios, the median of several repetitions in turn. See README.md of this folder.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import tifffile
import torch

from invsolve.media import ImageReader, ReadContext, VideoReader

REPETITIONS = 5
FRAMES, HEIGHT, WIDTH = 100, 720, 1280


def write_clip(path: Path) -> None:
    """100 frames of 1280 x 720 in H.264, 4:2:0: coloured blocks that move, with grain."""
    rng = np.random.default_rng(0)
    blocks = np.kron(rng.integers(0, 250, (HEIGHT // 16, WIDTH // 16, 3)), np.ones((16, 16, 1))).astype(np.uint8)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "20", "preset": "fast"})
        stream.height, stream.width, stream.pix_fmt = HEIGHT, WIDTH, "yuv420p"
        for number in range(FRAMES):
            grain = rng.integers(0, 6, (HEIGHT, WIDTH, 3), dtype=np.uint8)
            frame = av.VideoFrame.from_ndarray(np.roll(blocks, 3 * number, axis=1) + grain, format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def by_pyav(path: Path) -> object:
    """PyAV's own RGB of 8 bits, divided by 255."""
    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "AUTO"
        return [frame.to_ndarray(format="rgb24") / np.float32(255) for frame in container.decode(video=0)]


def ratio(ours: Callable[[], object], theirs: Callable[[], object]) -> tuple[float, float, float]:
    """Median seconds of both, in turn, and their ratio."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(REPETITIONS):
        for work, spent in zip((ours, theirs), times, strict=True):
            start = time.perf_counter()
            work()
            spent.append(time.perf_counter() - start)
    mine, other = (statistics.median(spent) for spent in times)
    return mine, other, mine / other


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    context = ReadContext()
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "clip.mp4"
        write_clip(clip)
        y, x = np.mgrid[0:4000, 0:6000]
        smooth = np.stack([y * 10, x * 10, (x + y) * 6], axis=-1).astype(np.uint16)
        rows = [("100 frames 1280x720, H.264", lambda: VideoReader(path=clip).read(context), lambda: by_pyav(clip))]
        for name, options in (("zlib", {"compression": "zlib", "predictor": True}), ("uncompressed", {})):
            path = Path(folder) / f"{name}.tif"
            tifffile.imwrite(path, smooth, photometric="rgb", rowsperstrip=64, **options)
            rows.append(
                (
                    f"24 megapixels, 16 bit TIFF, {name}",
                    lambda path=path: ImageReader(path=path).read(context),
                    lambda path=path: tifffile.imread(path) / np.float32(65535),
                )
            )
        print("| file | reader [s] | library alone [s] | ratio |\n|---|---|---|---|")
        for name, ours, theirs in rows:
            print("| {} | {:.2f} | {:.2f} | {:.2f} |".format(name, *ratio(ours, theirs)), flush=True)


if __name__ == "__main__":
    main()
