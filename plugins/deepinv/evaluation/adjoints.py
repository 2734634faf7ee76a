"""Dot tests of deepinv's linear operators: which keep their own adjoint, and which keep it through the bridge.

    python plugins/deepinv/evaluation/adjoints.py > adjoints.md

In float64: every operator of deepinv's own test suite, then blurs and samplings of other sizes. Prints the table of the
README.
"""

# ruff: noqa: T201

import warnings
from collections.abc import Iterator
from itertools import product
from typing import Any

import deepinv
import pytest
import torch
from deepinv.tests.test_physics import OPERATORS, find_operator
from torch import Tensor

from invsolve.errors import ComponentError, SpaceError
from invsolve_deepinv import operator_of
from invsolve_deepinv.bridge.casting import cast

EXACT = 1e-10
physics = deepinv.physics
Row = tuple[str, Any, tuple[int, ...]]


def suite() -> Iterator[Row]:
    """What deepinv's own tests run."""
    for name in OPERATORS:
        try:
            made, size, _, _ = find_operator(name, "cpu")
        except pytest.skip.Exception as reason:
            print(f"<!-- {name}: not installed here: {reason} -->")
            continue
        yield name, made, tuple(size)


def variants() -> Iterator[Row]:
    """Sizes, factors and borders that they do not."""
    for border, (kh, kw) in product(
        ("valid", "circular", "reflect", "replicate", "constant"), ((1, 2), (2, 2), (4, 4), (2, 3), (5, 5))
    ):
        generator = torch.Generator().manual_seed(0)
        taps = torch.rand(1, 1, kh, kw, generator=generator)
        for fast in (False, True):
            label = f"Blur({kh} x {kw}, {border}{', use_fft' if fast else ''})"
            yield label, physics.Blur(filter=taps, padding=border, use_fft=fast), (1, 9, 8)
    for factor, taps in product((2, 3), ("bilinear", "bicubic", "gaussian", None)):
        for size in ((1, 30, 24), (1, 25, 22)):
            label = f"Downsampling({size[1]} x {size[2]}, {taps}, {factor})"
            yield label, physics.Downsampling(img_size=size, filter=taps, factor=factor), size
    for kernel, factor, size in product(("cubic", "gaussian"), (2, 3, 4), ((1, 24, 36), (1, 25, 22))):
        label = f"DownsamplingMatlab({size[1]} x {size[2]}, {kernel}, {factor})"
        yield label, physics.DownsamplingMatlab(factor=factor, kernel=kernel), size
    for width, angles, circle in product((16, 17), (5, 30), (False, True)):
        label = f"Tomography({width}, {angles} angles{', circle' if circle else ''})"
        yield label, physics.Tomography(img_width=width, angles=angles, circle=circle), (1, width, width)
        label = f"Tomography({width}, {angles} angles{', circle' if circle else ''}, adjoint_via_backprop=False)"
        made = physics.Tomography(img_width=width, angles=angles, circle=circle, adjoint_via_backprop=False)
        yield label, made, (1, width, width)


def gap(made: Any, size: tuple[int, ...], adjoint: Any) -> float | str:
    """``|<A x, v> - <x, A^T v>| / (|A x| |v|)`` in float64."""
    x = torch.randn(1, *size, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    try:
        y = made(x)
        parts = [y] if isinstance(y, Tensor) else list(y)
        v = [torch.randn_like(part) for part in parts]
        pulled = adjoint(v[0] if isinstance(y, Tensor) else deepinv.utils.TensorList(v))
        left = sum((a.conj() * b).sum() for a, b in zip(parts, v, strict=True))
        right = (x.conj() * pulled).sum()
    except (RuntimeError, ValueError, IndexError) as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0][:60]}"
    norms = torch.stack([torch.linalg.vector_norm(torch.cat([t.flatten() for t in ts])) for ts in (parts, v)])
    return float((torch.as_tensor(left).real - right.real).abs() / norms.prod())


def main() -> None:
    """Print one line for each operator whose own adjoint fails, and how many hold."""
    torch.manual_seed(0)
    warnings.simplefilter("ignore")
    held, failing, refused, worst = 0, [], [], 0.0
    for label, made, size in (*suite(), *variants()):
        exact = cast(made.clone(), torch.float64, torch.device("cpu"))
        own = gap(exact.A, size, exact.A_adjoint)
        layout = "video" if len(size) == 4 else "frames"
        operator = operator_of(made, size=size, layout=layout)
        shape = size if layout == "video" else (size[0], 1, *size[1:])
        x = torch.randn(1, *shape, dtype=torch.float64)
        try:
            y = operator.forward(x)
        except SpaceError:  # pictures that it does not take at all
            continue
        except ComponentError:
            refused.append((label, own))
            continue
        v = torch.randn_like(y)
        through = float(((y * v).sum() - (x * operator.adjoint(v)).sum()).abs() / (y.norm() * v.norm()))
        single = operator.held.answer(size).single
        worst = worst if single else max(worst, through)
        if isinstance(own, float) and own < EXACT:
            held += 1
        elif not label.startswith("complex"):  # whose pictures are complex, which a real one is not
            failing.append((label, own, through, single))
    print(
        f"{held} keep their own adjoint to {EXACT:g}, {len(failing) + len(refused)} do not. Through the bridge the "
        f"error is {worst:.0e} at most, but for those with float32 inside and those that are refused.\n"
    )
    print("| operator | its own adjoint | through the bridge |\n|---|---|---|")
    for label, own, through, single in failing:
        said = own if isinstance(own, str) else f"{own:.1e}"
        print(f"| `{label}` | {said} | {through:.0e}{', float32 inside' if single else ''} |")
    for label, own in refused:
        print(f"| `{label}` | {own:.1e} | refused: its gradient is not exact either |")


if __name__ == "__main__":
    main()
