"""A `Solution` as an xarray dataset with labelled axes, and back."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import torch
import xarray
from torch import Tensor

from invsolve.errors import InvsolveError, ReadError
from invsolve.posterior.verdict import Verdict
from invsolve.solving.outcome import Outcome
from invsolve.video.labelled import VIDEO_AXES, video_array
from invsolve.video.space import VideoSpace

if TYPE_CHECKING:
    from invsolve.solving.solution import Solution

SAVED_QUANTILES: Final = (0.05, 0.5, 0.95)
FEWEST: Final = 19
"""Samples from which on the smallest and the largest hold 90 % of the next ones, (n - 1) / (n + 1) on average."""
LATENT_AXES: Final = ("sample", "observation", "latent_channel", "latent_frame", "latent_y", "latent_x")
PAIR: Final = ("sample", "observation")
TRACE: Final = "trace_"
Arrays = dict[str, xarray.DataArray]


def labelled(solution: "Solution") -> xarray.Dataset:
    """The dataset that `Solution.to_xarray` describes."""
    space, verdict = solution.space, solution.verdict
    data: Arrays = {"video": video_array(solution.video, space, solution.samples, "video")}
    for name, values in (("mean", solution.mean), ("std", solution.std)):
        data[name] = video_array(values[None], space, (0,), name).isel(sample=0, drop=True)
    if len(solution.samples) > 1:
        data |= _several(solution)
    data["chi_square"] = _array(verdict.chi_square, PAIR)
    data["diverged"] = _array(verdict.diverged, PAIR[1:])
    data["reversible"] = _array(verdict.reversible, PAIR[1:])
    for name, values in solution.trace.items():
        data[f"{TRACE}{name}"] = _array(values, ("step", *PAIR), name)
    data["latent"] = _array(solution.latent, LATENT_AXES, "latent of the prior")
    facts: dict[str, object] = {
        "outcome": solution.outcome.name,
        "message": solution.message,
        "ending": solution.ending,
        "remarks": json.dumps(verdict.remarks),
        "seed": solution.seed,
        "seconds": solution.seconds,
        "references": json.dumps(solution.references),
        "transfer": space.transfer,
    }
    if space.frame_rate is not None:
        facts["frame_rate"] = space.frame_rate
    return xarray.Dataset(data, attrs=facts)


def facts_of(dataset: xarray.Dataset, where: str) -> dict[str, Any]:
    """The fields of the `Solution` that `labelled` made a dataset of; raises `ReadError` where it did not."""
    wanted = ("video", "latent", "chi_square", "diverged", "reversible")
    missing = [name for name in wanted if name not in dataset]
    missing += [name for name in ("outcome", "ending", "seed", "seconds") if name not in dataset.attrs]
    if missing == ["latent"]:
        raise ReadError(
            f"{where} holds no latents: runs leave out those that are as large as the video. Its videos are there: "
            "read them with `xarray.open_dataset`, or with `SolutionDataset`."
        )
    if missing:
        raise ReadError(f"{where} is no solution of `Solution.save`: {', '.join(missing)} is missing.")
    try:
        return _fields(dataset)
    except (ValueError, KeyError, TypeError, InvsolveError) as error:
        raise ReadError(f"{where} is no solution of `Solution.save`: {error}.") from error


def _fields(dataset: xarray.Dataset) -> dict[str, Any]:
    attributes: Mapping[str, Any] = dataset.attrs
    video = _tensor(dataset["video"], VIDEO_AXES).permute(0, 1, 3, 2, 4, 5).contiguous()
    rate = attributes.get("frame_rate")
    space = VideoSpace.of(
        video[0], frame_rate=None if rate is None else float(rate), transfer=str(attributes["transfer"])
    )
    verdict = Verdict(
        chi_square=_tensor(dataset["chi_square"], PAIR),
        diverged=_tensor(dataset["diverged"], PAIR[1:]),
        reversible=_tensor(dataset["reversible"], PAIR[1:]),
        remarks=tuple(json.loads(attributes.get("remarks", "[]"))),
    )
    traces = {str(name): array for name, array in dataset.data_vars.items() if str(name).startswith(TRACE)}
    return {
        "video": video,
        "latent": _tensor(dataset["latent"], LATENT_AXES),
        "outcome": Outcome[str(attributes["outcome"])],
        "ending": str(attributes["ending"]),
        "verdict": verdict,
        "trace": {name.removeprefix(TRACE): _tensor(array, ("step", *PAIR)) for name, array in traces.items()},
        "space": space,
        "samples": tuple(int(number) for number in dataset["sample"].values),
        "seed": int(attributes["seed"]),
        "seconds": float(attributes["seconds"]),
        "references": tuple(json.loads(attributes.get("references", "[]"))),
    }


def _several(solution: "Solution") -> Arrays:
    """What several samples say together: quantiles and, where all is finite, modes and what is aligned in time."""
    space = solution.space
    data: Arrays = {}
    if len(solution.samples) >= FEWEST:
        places = solution.quantiles(SAVED_QUANTILES)
        named = video_array(places, space, tuple(range(len(places))), "quantile").rename(sample="probability")
        data["quantile"] = named.assign_coords(probability=list(SAVED_QUANTILES))
    if not bool(torch.isfinite(solution.video).all()):
        return data
    if solution.reversible:
        turned = solution.aligned
        for name, values in (("aligned_mean", turned.mean(0)), ("aligned_std", turned.std(0))):
            data[name] = video_array(values[None], space, (0,), name).isel(sample=0, drop=True)
    label = torch.zeros(len(solution.samples), solution.video.shape[1], dtype=torch.int64)
    representative = torch.zeros_like(label, dtype=torch.bool)
    for row, found in enumerate(solution.modes()):
        for number, mode in enumerate(found):
            label[[solution.samples.index(member) for member in mode.members], row] = number
            representative[solution.samples.index(mode.representative), row] = True
    return data | {"mode": _array(label, PAIR), "mode_representative": _array(representative, PAIR)}


def _array(values: Tensor, axes: tuple[str, ...], name: str | None = None) -> xarray.DataArray:
    described = {} if name is None else {"long_name": name}
    return xarray.DataArray(values.detach().cpu().numpy(), dims=axes, attrs=described)


def _tensor(array: xarray.DataArray, axes: tuple[str, ...]) -> Tensor:
    return torch.from_numpy(array.transpose(*axes).values.copy())
