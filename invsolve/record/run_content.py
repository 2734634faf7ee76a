"""The content of a run's report: of the run that just ended, or of its folder."""

import json
from pathlib import Path
from typing import Any

import torch
import xarray
from torch import Tensor

from invsolve.errors import ReadError
from invsolve.media.dataset import read_array
from invsolve.metrics.metric import Values
from invsolve.metrics.reconstruction import Reconstruction
from invsolve.record.run_folder import RunFolder
from invsolve.report.content import RunContent
from invsolve.solving.solution import Solution
from invsolve.solving.solution_file import opened
from invsolve.solving.solution_labels import PAIR, TRACE
from invsolve.video.space import VideoSpace


def content_of_run(
    folder: RunFolder, facts: dict[str, Any], solution: Solution, reconstruction: Reconstruction, values: Values
) -> RunContent:
    """Of the run that just ended, whose recipe and log lie in `folder`."""
    return RunContent(
        facts=facts,
        values=values,
        video=solution.video.detach(),
        samples=solution.samples,
        space=solution.space,
        observed=reconstruction.observation,
        observed_space=reconstruction.observation_space,
        truth=reconstruction.truth,
        truth_space=reconstruction.truth_space,
        chi_square=solution.chi_square,
        reversible=solution.verdict.reversible,
        remarks=solution.verdict.remarks,
        trace=solution.trace,
        references=solution.references,
        **_texts(folder.path),
    )


def content_of_folder(folder: RunFolder) -> RunContent:
    """Of a finished run, read from `folder`.

    Raises:
        ReadError: where its numbers or videos are not there.
    """
    path = folder.path
    if not (path / "solution.nc").is_file():
        raise ReadError(f"{path} holds no solution.nc, of which the report's pictures are made.")
    with opened(path / "solution.nc") as kept:
        dataset = kept.drop_vars([name for name in ("latent", "quantile") if name in kept]).load()
    video, space = _samples(dataset)
    with opened(path / "observation.nc") as seen:
        observed, observed_space = read_array(seen["observed"])
        truth, truth_space = read_array(seen["truth"]) if "truth" in seen else (None, None)
    traces = [name for name in map(str, dataset.data_vars) if name.startswith(TRACE)]
    return RunContent(
        facts=read_json(path / "provenance.json"),
        values=read_json(path / "metrics.json") if (path / "metrics.json").is_file() else {},
        video=video,
        samples=tuple(int(number) for number in dataset["sample"].values),
        space=space,
        observed=observed,
        observed_space=observed_space,
        truth=truth,
        truth_space=truth_space,
        chi_square=_tensor(dataset["chi_square"], PAIR),
        reversible=_tensor(dataset["reversible"], PAIR[1:]),
        remarks=tuple(json.loads(dataset.attrs.get("remarks", "[]"))),
        trace={name.removeprefix(TRACE): _tensor(dataset[name], ("step", *PAIR)) for name in traces},
        references=tuple(json.loads(dataset.attrs.get("references", "[]"))),
        **_texts(path),
    )


def read_json(path: Path) -> dict[str, Any]:
    """The object in a file of a run.

    Raises:
        ReadError: where there is none.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ReadError(f"{path} cannot be read: {error}.") from error
    if not isinstance(data, dict):
        raise ReadError(f"{path} is not the record of a run.")
    return data


def _samples(dataset: xarray.Dataset) -> tuple[Tensor, VideoSpace]:
    array = dataset["video"].assign_attrs(frame_rate=dataset.attrs.get("frame_rate"))
    if array.attrs["frame_rate"] is None:
        del array.attrs["frame_rate"]
    found = [read_array(array.isel(sample=place)) for place in range(array.sizes["sample"])]
    return torch.stack([video for video, _ in found]), found[0][1]


def _tensor(array: xarray.DataArray, axes: tuple[str, ...]) -> Tensor:
    return torch.from_numpy(array.transpose(*axes).values.copy())


def _texts(path: Path) -> dict[str, str]:
    files = {"written": "recipe.yaml", "resolved": "resolved.yaml", "log": "log.txt"}
    return {
        name: (path / file).read_text(encoding="utf-8", errors="replace") if (path / file).is_file() else ""
        for name, file in files.items()
    }
