"""A `Chart` as scalable graphics within the page, coloured by its style sheet."""

import math
from collections.abc import Callable, Sequence
from typing import Final, final

import attrs

from invsolve.report.chart import Chart, Series

WIDTH, HEIGHT = 560.0, 260.0
LEFT, RIGHT, TOP, BOTTOM = 82.0, 14.0, 12.0, 42.0
TICKS: Final = 5
COLOURS: Final = 6  # that the style sheet knows
DECADES: Final = 1.5  # from which on the ticks of a logarithmic axis are powers of ten
Place = Callable[[float], float]
Bar = tuple[float, float, float, float, str]
FILLED: Final = 0.8  # width of the bars at one place, in distances of places


@final
@attrs.frozen
class Tick:
    """A place on an axis [pixels] and its label."""

    place: float
    label: str


@final
@attrs.frozen
class Mark:
    """One series: its colour's number, the path of its line, of its band, and bars ``x y width height title``."""

    name: str
    colour: int
    faint: bool
    line: str
    band: str
    bars: tuple[Bar, ...]


@final
@attrs.frozen
class Drawing:
    """What the template writes down; lengths are pixels of a view of ``width x height``."""

    chart: Chart
    width: float
    height: float
    plot: tuple[float, float, float, float]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    level: float | None
    marks: tuple[Mark, ...]


def drawing(chart: Chart) -> Drawing:
    """Lay out a chart; the axis of `y` begins at 0 for bars."""
    log = chart.log and all(value > 0 for each in chart.series for value in each.y if math.isfinite(value))
    xs = [value for each in chart.series for value in each.x]
    ys = [value for each in chart.series for value in (*each.y, *each.low, *each.high) if math.isfinite(value)]
    ys += [chart.level] if chart.level is not None else []
    ys += [0.0] if chart.kind == "bar" and not log else []
    if log:
        ys = [value for value in ys if value > 0]
    margin = 0.5 if chart.kind == "bar" else 0.0
    x_low, x_high = _ends(xs, margin)
    y_low, y_high = _log_ends(ys) if log else _ends(ys, 0.0)
    if not log:
        room = 0.05 * (y_high - y_low)
        y_low, y_high = (y_low if chart.kind == "bar" and y_low == 0 else y_low - room), y_high + room

    def across(x: float) -> float:
        return LEFT + (x - x_low) / (x_high - x_low) * (WIDTH - LEFT - RIGHT)

    def down(y: float) -> float:
        height = math.log10(max(y, 1e-300)) if log else y
        return HEIGHT - BOTTOM - (height - y_low) / (y_high - y_low) * (HEIGHT - TOP - BOTTOM)

    x_ticks = tuple(Tick(across(value), _label(value)) for value in _steps(x_low, x_high, whole=_all_whole(xs)))
    levels = _log_steps(y_low, y_high) if log else _steps(y_low, y_high)
    marks = tuple(
        Mark(
            name=each.name,
            colour=number % COLOURS,
            faint=each.faint,
            line=""
            if chart.kind == "bar"
            else _line([(across(x), down(y)) for x, y in zip(each.x, each.y, strict=True)]),
            band=_band(each, across, down),
            bars=_bars(each, number, len(chart.series), across, down) if chart.kind == "bar" else (),
        )
        for number, each in enumerate(chart.series)
    )
    return Drawing(
        chart=chart,
        width=WIDTH,
        height=HEIGHT,
        plot=(LEFT, TOP, WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM),
        x_ticks=x_ticks,
        y_ticks=tuple(Tick(down(value), _label(value)) for value in levels),
        level=None if chart.level is None else down(chart.level),
        marks=marks,
    )


def _ends(values: Sequence[float], margin: float) -> tuple[float, float]:
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if high == low and margin == 0:
        return low - 0.5, high + 0.5
    return low - margin, high + margin


def _log_ends(values: Sequence[float]) -> tuple[float, float]:
    low, high = (math.log10(min(values)), math.log10(max(values))) if values else (0.0, 1.0)
    return low - 0.05 * (high - low) - 0.02, high + 0.05 * (high - low) + 0.02


def _all_whole(values: Sequence[float]) -> bool:
    return all(value == round(value) for value in values)


def _steps(low: float, high: float, *, whole: bool = False) -> list[float]:
    """Round numbers between the ends, about as many as `TICKS`."""
    rough = (high - low) / TICKS
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * times for times in (1, 2, 5, 10) if size * times >= rough * 0.99)
    step = max(1.0, step) if whole else step
    first = math.ceil(low / step - 1e-9)
    return [number * step for number in range(first, math.floor(high / step + 1e-9) + 1)]


def _log_steps(low: float, high: float) -> list[float]:
    if high - low >= DECADES:
        return [10.0**power for power in range(math.ceil(low), math.floor(high) + 1)]
    return [value for value in _steps(10**low, 10**high) if value > 0]


def _label(value: float) -> str:
    return f"{value:.6g}".replace("-", "−")


def _line(points: Sequence[tuple[float, float]]) -> str:
    """A path through the points that are finite, interrupted where one is not."""
    said, pen = [], "M"
    for x, y in points:
        if math.isfinite(y):
            said.append(f"{pen}{x:.1f} {y:.1f}")
        pen = "L" if math.isfinite(y) else "M"
    return "".join(said)


def _band(series: Series, across: Place, down: Place) -> str:
    edges = [(x, low, high) for x, low, high in zip(series.x, series.low, series.high, strict=False)]
    edges = [edge for edge in edges if math.isfinite(edge[1]) and math.isfinite(edge[2])]
    if len(edges) < 2:
        return ""
    outline = [(across(x), down(high)) for x, _, high in edges] + [(across(x), down(low)) for x, low, _ in edges[::-1]]
    return f"{_line(outline)}Z"


def _bars(series: Series, number: int, count: int, across: Place, down: Place) -> tuple[Bar, ...]:
    width = (across(1.0) - across(0.0)) * FILLED / count
    return tuple(
        (
            across(x) - width * count / 2 + number * width,
            min(down(y), down(0.0)),
            width,
            abs(down(0.0) - down(y)),
            f"{_label(x)}: {_label(y)}",
        )
        for x, y in zip(series.x, series.y, strict=True)
        if math.isfinite(y)
    )
