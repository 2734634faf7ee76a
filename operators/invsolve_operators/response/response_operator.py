"""Abstract `ResponseOperator`: the fields that describe a camera's response curve, and the curve they describe."""

import re
from pathlib import Path
from typing import Final, Literal

import numpy as np

from invsolve.arrays import Array, Nested, as_array, read_array
from invsolve.errors import ComponentError, SpaceError, did_you_mean
from invsolve.operator import Operator
from invsolve.video.curve import Curve, named_curve
from invsolve.video.space import VideoSpace
from invsolve_operators.response.emor import read_emor
from invsolve_operators.response.saturation import Clip
from invsolve_operators.response.tabulated_curve import TabulatedCurve

Holds = Literal["response", "inverse"]

NAMES: Final = ("linear", "srgb", "gamma:2.2", "hlg", "pq", "table", "emor")  # of curves, as hints show them
_GAMMA: Final = re.compile(r"gamma:(\d*\.?\d+)")
_NUMBERS: Final = (
    "values",
    "file",
    "variable",
    "grid",
    "index",
    "columns",
    "coefficients",
)  # fields of measured curves


class ResponseOperator(Operator):
    """An operator along a camera's response curve ``g``, in either direction.

    Attributes:
        curve: ``srgb``, ``gamma:<g>`` (``g(light) = light^(1/g)``), ``hlg`` or ``pq`` of HDR video (ITU-R BT.2100),
            ``linear``, ``table`` or ``emor``.
        values: a ``table`` as samples, or samples x channels, equally spaced over [0, 1]. It is cleaned: scaled to [0,
            1], made non-decreasing by least squares, and given a slope of at least 1e-6.
        file: the file that holds the ``table``, or the published mean curve and basis of ``emor``.
        variable: the array of a ``.npz`` or ``.mat`` file that holds the samples.
        grid: the array of that file that holds their inputs, or the number of the column that does, from 0, as in a
            text of two columns; without it they are equally spaced over [0, 1].
        index: the row of both arrays.
        columns: the columns of the table, counted from 0, to use for channels 0, 1, ...
        holds: what the table is, the ``response`` (light to values) or its ``inverse`` (values to light).
        coefficients: for ``emor``, ``c`` in ``f0 + sum_i c_i h_i``, a row per channel or one for all.
        clip: ``hard`` limits the input to [0, 1], ``soft`` does so smoothly, ``none`` leaves it.
        softness: width of the bend of a soft clip, in units of the range [0, 1].

    Raises:
        ComponentError: for fields that are missing, contradict each other or do not belong to the curve.
    """

    curve: str
    values: Nested | None
    file: Path | None
    variable: str | None
    grid: str | int | None
    index: int | None
    columns: tuple[int, ...] | None
    holds: Holds
    coefficients: Nested | None
    clip: Clip
    softness: float

    def response(self) -> Curve:
        """The curve that the fields describe."""
        if self.curve == "table":
            self._refuse_all_but("values", "file", "variable", "grid", "index", "columns")
            inputs, outputs = self._table()
        elif self.curve == "emor":
            self._refuse_all_but("file", "coefficients")
            if self.file is None or self.coefficients is None:
                raise ComponentError("curve 'emor' needs file (the mean curve and basis) and coefficients.")
            inputs, outputs = read_emor(self.file, as_array(self.coefficients, "coefficients", (1, 2)))
        else:
            self._refuse_all_but()
            return _named(self.curve)
        return TabulatedCurve.of(inputs, outputs) if self.holds == "response" else TabulatedCurve.of(outputs, inputs)

    def _table(self) -> tuple[Array, Array]:
        if self.values is not None and self.file is None:
            outputs = as_array(self.values, "values", (1, 2))
        elif self.file is not None and self.values is None:
            outputs = np.squeeze(read_array(self.file, self.variable, self.index))
        else:
            raise ComponentError("curve 'table' needs either values or file.")
        if outputs.ndim not in (1, 2):
            raise ComponentError(
                f"{self.file} holds an array of shape {outputs.shape}, not samples, or samples x channels."
            )
        chosen = outputs if self.columns is None else _reordered(outputs, self.columns)
        if isinstance(self.grid, int):
            inputs = _reordered(outputs, (self.grid,), "grid")[:, 0]
            return inputs, np.delete(outputs, self.grid, axis=1) if self.columns is None else chosen
        if self.file is not None and self.grid is not None:
            return np.squeeze(read_array(self.file, self.grid, self.index)), chosen
        if self.columns is None and self.file is not None and outputs.ndim == 2 and outputs.shape[1] == 2:
            raise ComponentError(
                f"{self.file} has two columns. Write `grid: 0` where the first holds the inputs of the second, or"
                " `columns: [0, 1]` where they belong to two channels."
            )
        return np.linspace(0, 1, len(outputs)), chosen

    def _refuse_all_but(self, *allowed: str) -> None:
        stray = [name for name in _NUMBERS if getattr(self, name) is not None and name not in allowed]
        if stray:
            raise ComponentError(f"curve {self.curve!r} has no {stray[0]}.")


def check_channels(curve: Curve, space: VideoSpace) -> None:
    """Raise `SpaceError` where the curve has another number of channels than the video."""
    if curve.channels not in (None, space.channels):
        raise SpaceError(f"the curve has {curve.channels} channels, but the video has channels = {space.channels}.")


def _named(name: str) -> Curve:
    """A curve by its name, ``gamma:<g>`` with ``0.1 <= g <= 10``; `ComponentError` for anything else."""
    if name in ("linear", "srgb", "hlg", "pq"):
        return named_curve(name)
    parsed = _GAMMA.fullmatch(name)
    if parsed is None or not 0.1 <= float(parsed[1]) <= 10:
        hint = did_you_mean(name, NAMES)
        raise ComponentError(
            f"curve must be linear, srgb, gamma:<0.1 to 10>, hlg, pq, table or emor, got {name!r}.{hint}"
        )
    return named_curve(name)


def _reordered(outputs: Array, columns: tuple[int, ...], field: str = "columns") -> Array:
    if outputs.ndim != 2 or not all(0 <= column < outputs.shape[1] for column in columns):
        named = columns[0] if field == "grid" else columns
        raise ComponentError(f"{field}: there is no column {named} in a table of shape {outputs.shape}.")
    return outputs[:, list(columns)]
