"""Load measured camera curves, clean them, and invert them.

    python tests/benchmarks/camera_curves.py [--reds crf.npy] [--curves 201_CRF_data.mat] [--emor emor.txt]

- `--reds`: the inverse response of a GoPro, 256 x 1 x 3 in BGR order (seungjunnah.github.io, Datasets/reds).
- `--curves`: light `I` and values `B` of measured curves, a row each (the DoRF database of Columbia University).
- `--emor`: the mean curve and basis of the empirical model of response, as text or C arrays.

A curve passes when it rises strictly from 0 to 1 and both maps undo each other to 1e-6.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import torch

from invsolve.arrays import read_array
from invsolve_operators import CameraResponse, Linearise

TOLERANCE = 1e-6


def errors(fields: dict[str, Any]) -> tuple[float, float, float]:
    """The errors of both round trips on 4001 points, and the smallest step of either curve."""
    x = torch.linspace(0, 1, 4001, dtype=torch.float64).reshape(1, 1, 1, 1, -1).repeat(1, 3, 1, 1, 1)
    encode, decode = CameraResponse(**fields), Linearise(**fields)
    there, back = encode(x), decode(x)
    step = min(float(there.diff(dim=-1).min()), float(back.diff(dim=-1).min()))
    return float((decode(there) - x).abs().max()), float((encode(back) - x).abs().max()), step


def cases(arguments: argparse.Namespace) -> dict[str, list[dict[str, Any]]]:
    """The fields of every curve, by source."""
    found: dict[str, list[dict[str, Any]]] = {}
    if arguments.reds:
        found["GoPro"] = [{"curve": "table", "file": arguments.reds, "holds": "inverse", "columns": (2, 1, 0)}]
    if arguments.curves:
        rows = len(read_array(arguments.curves, "B"))
        table = {"curve": "table", "file": arguments.curves, "variable": "B", "grid": "I"}
        found["measured"] = [{**table, "index": row} for row in range(rows)]
    if arguments.emor:
        draws = torch.randn(100, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
        model = {"curve": "emor", "file": arguments.emor}
        found["EMoR, 100 random curves"] = [{**model, "coefficients": row} for row in draws]
    return found


def main() -> int:
    """Print a line per source; 1 if a curve fails."""
    parser = argparse.ArgumentParser()
    for option in ("--reds", "--curves", "--emor"):
        parser.add_argument(option, type=Path)
    failed = 0
    for source, curves in cases(parser.parse_args()).items():
        results = [errors(fields) for fields in curves]
        there, back, step = max(r[0] for r in results), max(r[1] for r in results), min(r[2] for r in results)
        failed += sum(max(r[:2]) > TOLERANCE or r[2] <= 0 for r in results)
        print(f"{source}: {len(results)} curves; decode(encode) off by {there:.1e}, encode(decode) by {back:.1e};")
        print(f"  smallest step of 4000: {step:.1e} (strictly increasing: {step > 0})")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
