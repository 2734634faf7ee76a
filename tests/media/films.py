"""Small films whose frames have known levels, times and faults."""

from fractions import Fraction

import av
import numpy as np
from av.filter import Graph
from PIL import Image

from invsolve.media import ReadContext, VideoReader

CONTEXT = ReadContext()


def read(path, **fields):
    return VideoReader(path=path, **fields).read(CONTEXT)


def levels(video):
    return (video.mean(dim=(0, 1, 3, 4)) * 255).round().int().tolist()


def film(path, times, tick=Fraction(1, 1000), codec="ffv1", options=None, muxer=None, tags=None, size=(16, 16)):
    """Frame number i is grey 20 + 10 i, shown at `times[i]` ticks."""
    with av.open(str(path), "w", options=muxer or {}) as container:
        container.metadata.update(tags or {})
        stream = container.add_stream(codec, rate=25, options=options or {})
        stream.height, stream.width, stream.pix_fmt = *size, "yuv444p" if codec == "libx264" else "bgr0"
        stream.codec_context.time_base = stream.time_base = tick
        for number, time in enumerate(times):
            pixels = np.full((*size, 3), 20 + 10 * number, np.uint8)
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format=stream.pix_fmt)
            frame.pts, frame.time_base = time, tick
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def animation(path, durations, **options):
    pictures = [Image.fromarray(np.full((12, 16, 3), 20 + 10 * n, np.uint8)) for n in range(len(durations))]
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=durations, **options)
    return path


def interlaced(path, order):
    graph = Graph()
    source, sink = (
        graph.add_buffer(width=32, height=32, format=av.VideoFormat("yuv420p"), time_base=Fraction(1, 25)),
        graph.add("buffersink"),
    )
    field = graph.add("setfield", order)
    source.link_to(field)
    field.link_to(sink)
    graph.configure()
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"flags": "+ildct+ilme", "crf": "0"})
        stream.height, stream.width, stream.pix_fmt = 32, 32, "yuv420p"
        for number in range(4):
            pixels = np.full((32, 32, 3), 40 + 40 * number, np.uint8)
            pixels[1::2] += 20
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            graph.push(frame)
            container.mux(stream.encode(graph.pull()))
        container.mux(stream.encode(None))
    return path
