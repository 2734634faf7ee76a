#!/usr/bin/env bash
# pillow 13.0.0
# Guess: a PNG or PPM picture of 16 bits is read at its depth, or refused.
# Seen: grey is (mode I;16), but colour is cut to 8 bits without a word or a warning: 65 280 of 65 536 levels are lost.
# Source: https://pillow.readthedocs.io/en/stable/handbook/concepts.html#modes lists no mode for colour of 16 bits.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q pillow==13.0.0 numpy==2.4.6 imagecodecs==2026.3.6
cd "$folder"
"$folder/venv/bin/python" -W error - <<'PY'
import imagecodecs
import numpy as np
from PIL import Image

levels = (np.arange(768, dtype=np.uint16) + 30000).reshape(16, 16, 3)
with open("a.png", "wb") as stream:
    stream.write(imagecodecs.png_encode(levels))
with open("a.ppm", "wb") as stream:
    stream.write(b"P6\n16 16\n65535\n" + levels.astype(">u2").tobytes())
with open("a.png", "rb") as stream:
    whole = imagecodecs.png_decode(stream.read())
assert np.array_equal(whole, levels)
for name in ("a.png", "a.ppm"):
    with Image.open(name) as image:
        pixels = np.asarray(image)
    print(name, "mode", image.mode, "type", pixels.dtype, "values", len(np.unique(pixels)), "of", len(np.unique(levels)))
    assert pixels.dtype == np.uint8 and len(np.unique(pixels)) <= 4, "Pillow keeps the depth now"
PY
