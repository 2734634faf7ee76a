"""`Chart`: curves or bars as data; the page draws them."""

import math
from collections.abc import Iterable
from typing import Any, Literal, final

import attrs

Floats = tuple[float, ...]


def _floats(given: Iterable[float | int]) -> Floats:
    return tuple(float(value) for value in given)


@final
@attrs.frozen
class Series:
    """One curve, or the bars of one colour.

    Attributes:
        name: what it is called.
        x: where its points are.
        y: their values, as many; one that is not finite is a gap.
        low: the lower edge of a band around it; empty for none.
        high: the upper edge.
        faint: True for one of many alike, drawn thin and left out of the legend.
    """

    name: str
    x: Floats = attrs.field(converter=_floats)
    y: Floats = attrs.field(converter=_floats)
    low: Floats = attrs.field(default=(), converter=_floats)
    high: Floats = attrs.field(default=(), converter=_floats)
    faint: bool = False


@final
@attrs.frozen
class Chart:
    """A chart with its words.

    Attributes:
        title: what it shows.
        x: what the axis shows, with its unit.
        y: what the axis shows, with its unit.
        series: what is drawn.
        kind: ``line`` or ``bar``.
        level: a horizontal line to compare with; None for none.
        level_name: what that is.
        log: True for a logarithmic axis of `y`, where all values are above 0.
        note: a sentence below it.
    """

    title: str
    x: str
    y: str
    series: tuple[Series, ...]
    kind: Literal["line", "bar"] = "line"
    level: float | None = None
    level_name: str = ""
    log: bool = False
    note: str = ""

    @property
    def plain(self) -> dict[str, Any]:
        """For JSON, where what is not finite is null."""
        return {**attrs.asdict(self), "series": [_plain(each) for each in self.series]}


def _plain(series: Series) -> dict[str, Any]:
    def known(values: Floats) -> list[float | None]:
        return [value if math.isfinite(value) else None for value in values]

    points = {"x": series.x, "y": series.y, "low": series.low, "high": series.high}
    return {"name": series.name, "faint": series.faint, **{name: known(values) for name, values in points.items()}}
