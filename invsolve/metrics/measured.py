"""`measured`: the values of metrics, and a look at whether they are values."""

from collections.abc import Mapping, Sequence

from invsolve.metrics.metric import Metric, Values
from invsolve.metrics.reconstruction import Reconstruction
from invsolve.returned import refuse
from invsolve.validators import shown


def measured(metrics: Sequence[Metric], reconstruction: Reconstruction) -> Values:
    """The values of all metrics; empty without any.

    Raises:
        BrokenPlugin: for values that are neither a number nor a list of one for each sample.
    """
    values: dict[str, float | list[float]] = {}
    for metric in metrics:
        found: object = metric.evaluate(reconstruction)
        if not isinstance(found, Mapping):
            refuse(metric, "evaluate", shown(found), "a mapping of names to numbers")
        for name, value in found.items():
            _check(metric, name, value, len(reconstruction.video))
        values.update(found)
    return values


def _check(metric: Metric, name: object, value: object, samples: int) -> None:
    if not isinstance(name, str):
        refuse(metric, "evaluate", shown(name), "a text", "a value under the name ")
    numbers = value if isinstance(value, list) else [value]
    strange = [each for each in numbers if not isinstance(each, int | float)]
    if strange:
        expected = "a number, or a list with one for each sample"
        refuse(metric, "evaluate", shown(strange[0]), expected, f"{name!r} {'with' if numbers is value else 'as'} ")
    if isinstance(value, list) and len(value) != samples:
        refuse(metric, "evaluate", f"{len(value)} numbers", f"one for each of {samples} samples", f"{name!r} as ")
