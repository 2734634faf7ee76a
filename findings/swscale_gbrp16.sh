#!/usr/bin/env bash
# av 18.1.0 (FFmpeg 8.1's libswscale 9.5)
# Guess: converting 8 bit Y'CbCr to 16 bit or float RGB is at least as exact as converting it to 8 bit RGB.
# Seen: rgb24 with ACCURATE_RND is right to a rounding, but gbrp16le and gbrpf32le are half an 8 bit level too dark on
#   average, whatever the flags. Noise of std 0.01 is 2.5 levels: a bias of a fifth of it in every pixel.
# Source: our own measurement against ITU-T H.273, section 8.3, in float64; the formula is in the script.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q av==18.1.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PY'
import av, numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation as I

FLAGS = I.BILINEAR | I.ACCURATE_RND | I.FULL_CHR_H_INT | I.FULL_CHR_H_INP | I.BITEXACT
rng = np.random.default_rng(0)


def ideal(y, cb, cr, kr=0.2126, kb=0.0722):
    y, cb, cr = (y - 16) / 219, (cb - 128) / 224, (cr - 128) / 224
    r, b = y + 2 * (1 - kr) * cr, y + 2 * (1 - kb) * cb
    return 255 * np.array([r, (y - kr * r - kb * b) / (1 - kr - kb), b])


def bias(wanted):
    errors = []
    for _ in range(100):
        r, g, b = rng.uniform(0.1, 0.9, 3)
        luma = 0.2126 * r + 0.7152 * g + 0.0722 * b
        levels = [round(16 + 219 * luma), round(128 + 224 * (b - luma) / 1.8556), round(128 + 224 * (r - luma) / 1.5748)]
        frame = av.VideoFrame(32, 32, "yuv420p")
        for plane, level in zip(frame.planes, levels):
            plane.update(bytes([level]) * plane.buffer_size)
        out = frame.reformat(
            format=wanted, src_colorspace=Colorspace.ITU709, dst_colorspace=Colorspace.ITU709,
            src_color_range=ColorRange.MPEG, dst_color_range=ColorRange.JPEG, interpolation=FLAGS,
        ).to_ndarray()
        scale = {"uint8": 1, "uint16": 255 / 65535, "float32": 255}[out.dtype.name]
        errors.append(out[8:24, 8:24].mean((0, 1)) * scale - ideal(*levels))
    return float(np.mean(errors))


seen = {name: bias(name) for name in ("rgb24", "gbrp16le", "gbrpf32le")}
print("mean error in 8 bit levels:", {name: round(value, 3) for name, value in seen.items()})
assert abs(seen["rgb24"]) < 0.05, "rgb24 is no longer right"
assert -0.6 < seen["gbrp16le"] < -0.4 and -0.6 < seen["gbrpf32le"] < -0.4, "the deeper formats have changed"
PY
