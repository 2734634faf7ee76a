#!/usr/bin/env bash
# av 18.1.0 (FFmpeg 8.1)
# Guess: FFV1 is the archives' codec, with a checksum for every slice: a damaged slice is an error, or marks its frame.
# Seen: the decoder writes "slice CRC mismatch" to its log; frames come out with wrong pixels, is_corrupt is False and
#   nothing is raised, also with err_detect=crccheck+explode.
# Source: RFC 9043, section 4.9.3 (slice_crc_parity): a decoder can tell that the slice is damaged.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q av==18.1.0 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PY'
import av
import numpy as np

noise = np.random.default_rng(0).integers(0, 256, (4, 64, 64, 3), dtype=np.uint8)
with av.open("a.mkv", "w") as container:
    stream = container.add_stream("ffv1", rate=25, options={"level": "3", "slicecrc": "1", "slices": "4"})
    stream.height, stream.width, stream.pix_fmt = 64, 64, "bgr0"
    for pixels in noise:
        container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
    container.mux(stream.encode(None))
whole = open("a.mkv", "rb").read()
unnoticed = 0
for seed in range(10):
    damaged = bytearray(whole)
    damaged[len(damaged) // 4 + 997 * seed] ^= 1 << seed % 8
    open("b.mkv", "wb").write(damaged)
    try:
        with av.open("b.mkv") as container:
            container.streams.video[0].codec_context.options = {"err_detect": "crccheck+explode"}
            frames = list(container.decode(video=0))
    except av.error.FFmpegError:
        continue
    wrong = any(not np.array_equal(f.to_ndarray(format="rgb24"), n) for f, n in zip(frames, noise))
    unnoticed += wrong and not any(frame.is_corrupt for frame in frames)
print(f"{unnoticed} of 10 flipped bits gave wrong pixels without an error or a mark")
assert unnoticed == 10, "the decoder tells more than it did"
PY
