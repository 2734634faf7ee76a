#!/usr/bin/env bash
# deepinv 0.5.0
# Guess: Downsampling.prox_l2 is the proximal map of the operator that Downsampling.A applies, whatever the picture's size.
# Seen: its closed form (circular padding, the default) takes a transform of the filter cut to the picture: where the
#   filter is larger, the result is another operator's. With the library's own "gaussian" filter, which is 29 pixels wide at
#   factor 4, it is 13 % off on 16 pixels and 0.5 % on 24; with use_fft=False it is right.
# Source: our own measurement: the normal equations of the matrix of A, solved in float64.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q torch==2.13.0 torchvision==0.28.0 deepinv==0.5.0
"$folder/venv/bin/python" - <<'PY'
import torch

# a build of torch for the CPU alone lacks what torchvision was compiled for, of which nothing is used here
missing = torch.library.Library("torchvision", "FRAGMENT")
missing.define("nms(Tensor boxes, Tensor scores, float threshold) -> Tensor")
missing.define("qnms(Tensor boxes, Tensor scores, float threshold) -> Tensor")

from deepinv.physics import Downsampling

torch.manual_seed(0)


def errors(size):
    physics = Downsampling(img_size=(1, size, size), filter="gaussian", factor=4)
    z = torch.rand(1, 1, size, size)
    y = torch.rand_like(physics.A(z))
    matrix = physics.A(torch.eye(z.numel()).reshape(-1, 1, size, size)).flatten(1).T.double()
    normal = 3.0 * matrix.T @ matrix + torch.eye(z.numel(), dtype=torch.float64)
    exact = torch.linalg.solve(normal, 3.0 * matrix.T @ y.flatten().double() + z.flatten().double())
    return [
        float((physics.prox_l2(z, y, 3.0, use_fft=fft).flatten() - exact).norm() / exact.norm()) for fft in (True, False)
    ]


found = {size: errors(size) for size in (16, 24, 32)}
for size, (closed, iterated) in found.items():
    print(f"{size} pixels: closed form {closed:.2g}, conjugate gradients {iterated:.2g}")
assert max(iterated for _, iterated in found.values()) < 1e-3
assert found[32][0] < 1e-5 and found[16][0] > 0.05, "mended"
PY
