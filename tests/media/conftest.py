from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def picture():
    """A smooth colour picture 12x17, uint8 `h w c`, unlike its mirror images."""
    y, x = np.mgrid[0:12, 0:17]
    return np.stack([y * 20, x * 15, (x + y) * 8], axis=-1).astype(np.uint8)


@pytest.fixture
def save(tmp_path):
    def saver(name, pixels, **options):
        path = tmp_path / name
        Image.fromarray(pixels).save(path, **options)
        return path

    return saver


@pytest.fixture
def clip(tmp_path):
    """Writes a clip whose frame number i is grey i * 10, and gives back its path."""

    def writer(count=6, rate=24, name="clip.mp4", height=32, width=48):
        path: Path = tmp_path / name
        with av.open(str(path), "w") as container:
            stream = container.add_stream("libx264", rate=rate, options={"crf": "1"})
            stream.height, stream.width, stream.pix_fmt = height, width, "yuv420p"
            for i in range(count):
                pixels = np.full((height, width, 3), 20 + i * 10, np.uint8)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
            container.mux(stream.encode(None))
        return path

    return writer
