"""The measures of a clip as tables: exactly what went in comes out, of files of an earlier version too."""

import math
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from invsolve.errors import ReadError
from invsolve.evaluation.clip_file import ClipFile
from invsolve.evaluation.measure_tables import measures_of, tables_of
from invsolve.media import write_dataset

FACTS = {"content": "abc", "motion": 0.25}
MEASURES = {
    "": {
        "late": np.array([1.0, math.nan]),
        "early": np.array(0.1 + 0.2),
        "frames": np.arange(6.0).reshape(2, 3),
        "again": np.array([math.inf, 2.0]),
    },
    "repeated": {"early": np.array(math.nan), "late": np.array([3.0]), "frames": np.arange(3.0)[None]},
    "samples": {"other": np.array(5.0)},
    "nothing": {},
}


def same(one: object, other: object) -> bool:
    return repr({of: {name: each.tolist() for name, each in own.items()} for of, own in one.items()}) == repr(  # type: ignore[attr-defined]
        {of: {name: each.tolist() for name, each in own.items()} for of, own in other.items()}  # type: ignore[attr-defined]
    )


def test_measures_come_back_in_their_order_and_shape(tmp_path: Path):
    path = tmp_path / "a.nc"
    write_dataset(path, xr.Dataset(tables_of(MEASURES), attrs=FACTS))
    kept = ClipFile(path).kept()
    assert same(kept.measures, MEASURES)
    assert (kept.content, kept.motion, kept.videos) == ("abc", 0.25, False)


def test_tables_are_read_by_their_labels():
    data = xr.Dataset(tables_of(MEASURES))
    assert float(data["measured"].sel(subject="", measure="early")) == 0.1 + 0.2
    assert data["measured_samples"].sel(subject="", sample_measure="again").values.tolist() == [math.inf, 2.0]
    assert data["measured_frames"].dims == ("subject", "frame_measure", "sample", "frame")
    assert set(data) == {"measured", "measured_samples", "measured_frames", "measured_names"}


def test_files_of_an_earlier_version_are_read(tmp_path: Path):
    """A variable for each measure."""
    content = {
        f"measure_{of}_{name}": xr.DataArray(
            each, dims=(("sample" if of == "" else "single"), "frame")[: each.ndim], attrs={"measure": name, "of": of}
        )
        for of, own in MEASURES.items()
        for name, each in own.items()
    }
    path = tmp_path / "a.nc"
    write_dataset(path, xr.Dataset(content, attrs=FACTS))
    assert same(ClipFile(path).kept().measures, {of: own for of, own in MEASURES.items() if own})


def test_what_is_no_file_of_a_clip_is_refused(tmp_path: Path):
    write_dataset(tmp_path / "a.nc", xr.Dataset({"measured_names": xr.DataArray('{"": {"a": 0}}')}, attrs=FACTS))
    with pytest.raises(ReadError, match=r"a\.nc is damaged: .* Evaluate again"):
        ClipFile(tmp_path / "a.nc").kept()
    assert measures_of(xr.Dataset()) == {"": {}}
