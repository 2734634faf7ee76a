"""The measures of a clip as few labelled arrays, and back."""

import json
from collections.abc import Mapping
from typing import Final

import numpy as np
import xarray as xr

from invsolve.evaluation.measures import OWN, Array, Measures

AXES: Final = ("sample", "frame")
NAMES: Final = "measured_names"
TABLES: Final = (("measured", "measure"), ("measured_samples", "sample_measure"), ("measured_frames", "frame_measure"))
"""A variable and its axis of names, for measures that are one number, one a sample, and one a sample and frame."""


def tables_of(measures: Mapping[str, Measures]) -> dict[str, xr.DataArray]:
    """Up to three tables over ``subject``, a name, and ``sample``, ``frame`` or neither; NaN for what has no value.

    The subjects are the samples, whose name is empty, and the baselines, which have one sample. Beside the tables there
    is, as JSON, which measures each subject has, in their order, and how many axes each has.
    """
    names = {of: {name: each.ndim for name, each in own.items()} for of, own in measures.items()}
    found = {NAMES: xr.DataArray(json.dumps(names))}
    shapes = [each.shape for own in measures.values() for each in own.values()]
    sizes = [max((shape[i] for shape in shapes if len(shape) > i), default=0) for i in range(len(AXES))]
    for axes, (table, axis) in enumerate(TABLES):
        held = [(of, name, each) for of, own in measures.items() for name, each in own.items() if each.ndim == axes]
        if not held:
            continue
        places = {name: place for place, name in enumerate(dict.fromkeys(name for _, name, _ in held))}
        values = np.full((len(measures), len(places), *sizes[:axes]), np.nan)
        rows = {of: row for row, of in enumerate(measures)}
        for of, name, each in held:
            place: tuple[int | slice, ...] = (rows[of], places[name], *map(slice, each.shape))
            values[place] = each
        coordinates = {"subject": list(measures), axis: list(places)}
        found[table] = xr.DataArray(values, coordinates, ("subject", axis, *AXES[:axes]))
    return found


def measures_of(dataset: xr.Dataset) -> dict[str, Measures]:
    """The measurements of the samples (under the empty name) and of every baseline.

    Those of an earlier version, a variable each, too.
    """
    if NAMES not in dataset:
        return _earlier(dataset)
    tables = {table: dataset[table] for table, _ in TABLES if table in dataset}
    places = {
        table: {str(name): place for place, name in enumerate(tables[table][axis].values)}
        for table, axis in TABLES
        if table in tables
    }
    measures: dict[str, Measures] = {}
    for row, (of, names) in enumerate(json.loads(str(dataset[NAMES].item())).items()):
        own: dict[str, Array] = {}
        for name, axes in names.items():
            table, _ = TABLES[axes]
            values = np.asarray(tables[table].values[row, places[table][name]], dtype=float)
            own[name] = values if of == OWN or axes == 0 else values[:1]
        measures[of] = own
    return measures


def _earlier(dataset: xr.Dataset) -> dict[str, Measures]:
    found: dict[str, dict[str, Array]] = {OWN: {}}
    for array in dataset.data_vars.values():
        if "measure" in array.attrs:
            found.setdefault(array.attrs["of"], {})[array.attrs["measure"]] = np.asarray(array.values, dtype=float)
    return dict(found)
