#!/usr/bin/env bash
# av 18.1.0 (FFmpeg 8.1's libswscale 9.5)
# Guess: turning yuv420p into yuv444p puts the chroma of a frame 65 wide where it stands in one 64 wide: sample i at column 2 i
#   (`in_chroma_loc=left`), interpolated between.
# Seen: over an odd width the samples are squeezed by (width / 2) / ceil(width / 2), so that colour drifts off by almost a column
#   towards the right edge; over an even width they stand where they should.
# Source: our own measurement of a ramp of Cb; where chroma lies is in H.264 annex E.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q av==18.1.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PY'
from fractions import Fraction

import av
import numpy as np
from av.filter import Graph


def chroma_at(width):
    """Where each column of the result lies, by the ramp it was interpolated from: sample i has the value 4 i."""
    frame = av.VideoFrame(width, 16, "yuv420p")
    for plane in frame.planes:
        rows = np.zeros((plane.height, plane.line_size), np.uint8) + 128
        if plane.width < width:
            rows[:, : plane.width] = 4 * np.arange(plane.width)
        plane.update(rows.tobytes())
    graph = Graph()
    node = graph.add_buffer(width=width, height=16, format="yuv420p", time_base=Fraction(1))
    options = "flags=bilinear+accurate_rnd+full_chroma_inp:in_chroma_loc=left"
    for name, value in (("scale", options), ("format", "yuv444p16le"), ("buffersink", None)):
        following = graph.add(name, value)
        node.link_to(following)
        node = following
    graph.configure()
    graph.vpush(frame)
    plane = graph.vpull().planes[1]
    rows = np.frombuffer(memoryview(plane), "<u2").reshape(16, -1)[8, :width]
    return rows / 256 / 4 * 2


drift = {width: chroma_at(width) - np.arange(width) for width in (64, 65, 129)}
seen = {width: round(float(values[width - 8]), 2) for width, values in drift.items()}
print("columns by which chroma is off, eight columns before the right edge:", seen)
assert abs(seen[64]) < 0.02, "even widths are no longer right"
assert seen[65] > 0.2 and seen[129] > 0.2, "odd widths are no longer squeezed"
PY
