#!/usr/bin/env bash
# deepinv 0.5.0
# Guess: Blur.A_adjoint is the transpose of Blur.A for a filter of any size, as its documentation says.
# Seen: for filters of one row or one column, such as a camera that moves sideways, with padding="replicate", the two
#   matrices differ by as much as A itself (relative Frobenius norm 1.0 in float64, with use_fft=True too). For filters of
#   two rows and columns or more, and with padding="constant" or "valid", they agree to rounding.
# Source: our own measurement: the matrix of A, column by column, against that of A_adjoint, row by row.
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

from deepinv.physics import Blur


def gap(size, padding, use_fft):
    taps = torch.rand(1, 1, *size, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    physics = Blur(filter=taps, padding=padding, use_fft=use_fft)
    basis = torch.eye(42, dtype=torch.float64).reshape(42, 1, 6, 7)
    matrix = physics.A(basis).flatten(1).T
    seen = torch.eye(len(matrix), dtype=torch.float64).reshape(len(matrix), *physics.A(basis).shape[1:])
    return float((physics.A_adjoint(seen).flatten(1) - matrix).norm() / matrix.norm())


flat, square = ((1, 3), (1, 5), (3, 1)), ((3, 3), (2, 3))
for use_fft in (False, True):
    wrong = [gap(size, "replicate", use_fft) for size in flat]
    right = [gap(size, "replicate", use_fft) for size in square]
    right += [gap(size, padding, use_fft) for size in flat for padding in ("constant", "valid")]
    print(f"use_fft={use_fft}: replicate, one row or column: {min(wrong):.2g} or more; all else: {max(right):.1g} at most")
    assert max(right) < 1e-12
    assert min(wrong) > 0.5, "mended"
PY
