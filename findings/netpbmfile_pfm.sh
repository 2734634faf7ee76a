#!/usr/bin/env bash
# netpbmfile 2026.1.29
# Guess: a PFM picture is read with its top row first, as every other format of the family and as Pillow reads it.
# Seen: the rows come in the order of the file, and PFM stores the lowest row first: the picture stands on its head.
# Source: the format's definition, https://netpbm.sourceforge.net/doc/pfm.html ("the rows ... bottom to top").
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q netpbmfile==2026.1.29 numpy==2.4.6 pillow==13.0.0
cd "$folder"
"$folder/venv/bin/python" - <<'PY'
import netpbmfile
import numpy as np
from PIL import Image

picture = np.arange(6, dtype="<f4").reshape(3, 2)
with open("a.pfm", "wb") as stream:
    stream.write(b"Pf\n2 3\n-1.0\n" + picture[::-1].tobytes())
by_netpbmfile, by_pillow = netpbmfile.imread("a.pfm"), np.asarray(Image.open("a.pfm"))
print("netpbmfile's first row:", by_netpbmfile[0], "Pillow's:", by_pillow[0], "the picture's:", picture[0])
assert np.array_equal(by_pillow, picture), "Pillow has changed"
assert np.array_equal(by_netpbmfile, picture[::-1]), "netpbmfile has changed"
PY
