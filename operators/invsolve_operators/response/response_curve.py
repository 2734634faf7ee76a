"""From a camera's fields to its `Curve`."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from invsolve.errors import ComponentError, SpaceError
from invsolve.video.space import VideoSpace
from invsolve_operators.array_file import Array, read_array
from invsolve_operators.fields import Nested, as_array
from invsolve_operators.response.curves import Curve, named_curve
from invsolve_operators.response.emor import read_emor
from invsolve_operators.response.tabulated_curve import TabulatedCurve

HOLDS = ("response", "inverse")


def response_curve(
    curve: str,
    values: Nested | None,
    file: Path | None,
    variable: str | None,
    grid: str | None,
    index: int | None,
    columns: tuple[int, ...] | None,
    holds: str,
    coefficients: Nested | None,
) -> Curve:
    """The curve that the fields of `CameraResponse` and `Linearise` describe.

    Raises `ComponentError` for fields that are missing, contradict each other or do not belong to the curve.
    """
    given = {
        "values": values,
        "file": file,
        "variable": variable,
        "grid": grid,
        "index": index,
        "columns": columns,
        "coefficients": coefficients,
    }
    if curve not in ("table", "emor"):
        _refuse(curve, given, ())
        return named_curve(curve)
    if curve == "emor":
        _refuse(curve, given, ("file", "coefficients"))
        if file is None or coefficients is None:
            raise ComponentError("curve 'emor' needs file (the mean curve and basis) and coefficients.")
        inputs, outputs = read_emor(file, as_array(coefficients, "coefficients", (1, 2)))
    else:
        _refuse(curve, given, ("values", "file", "variable", "grid", "index", "columns"))
        inputs, outputs = _table(values, file, variable, grid, index)
    if columns is not None:
        outputs = _reorder(outputs, columns)
    return TabulatedCurve.of(inputs, outputs) if holds == "response" else TabulatedCurve.of(outputs, inputs)


def check_channels(curve: Curve, space: VideoSpace) -> None:
    """Raise `SpaceError` where the curve has another number of channels than the video."""
    if curve.channels not in (None, space.channels):
        raise SpaceError(f"the curve has {curve.channels} channels, but the video has channels = {space.channels}.")


def _table(
    values: Nested | None, file: Path | None, variable: str | None, grid: str | None, index: int | None
) -> tuple[Array, Array]:
    if (values is None) == (file is None):
        raise ComponentError("curve 'table' needs values or file, and not both.")
    if values is not None:
        outputs = as_array(values, "values", (1, 2))
    else:
        assert file is not None
        outputs = np.squeeze(read_array(file, variable, index))
        if outputs.ndim not in (1, 2):
            raise ComponentError(f"{file} holds an array of shape {outputs.shape}, not samples, or samples x channels.")
    if file is None or grid is None:
        return np.linspace(0, 1, len(outputs)), outputs
    return np.squeeze(read_array(file, grid, index)), outputs


def _reorder(outputs: Array, columns: tuple[int, ...]) -> Array:
    if outputs.ndim != 2 or not all(0 <= column < outputs.shape[1] for column in columns):
        raise ComponentError(f"columns {columns} do not exist in a table of shape {outputs.shape}.")
    return outputs[:, list(columns)]


def _refuse(curve: str, given: Mapping[str, object], allowed: tuple[str, ...]) -> None:
    stray = [name for name, value in given.items() if value is not None and name not in allowed]
    if stray:
        raise ComponentError(f"curve {curve!r} has no {stray[0]}.")
