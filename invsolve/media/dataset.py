"""Recordings as xarray datasets: labelled axes, and attributes that say what the numbers mean."""

import attrs
import numpy as np
import torch
import xarray as xr
from einops import rearrange

from invsolve.errors import SpaceError
from invsolve.media.recording import Recording
from invsolve.space import VideoSpace

AXES = ("observation", "frame", "channel", "y", "x")


def recording_dataset(recording: Recording) -> xr.Dataset:
    """Variables ``observation`` and, where it is known, ``truth``, over ``observation, frame, channel, y, x``.

    The axes of the truth are called ``truth_frame``, ``truth_y``, ... since they may be of other sizes.
    """
    dataset = xr.Dataset({"observation": video_array(recording.video, recording.space)})
    if recording.truth is not None and recording.truth_space is not None:
        truth = video_array(recording.truth, recording.truth_space)
        dataset["truth"] = truth.rename({axis: f"truth_{axis}" for axis in AXES[1:]})
    dataset.attrs = {"title": recording.name, "input_sha256": recording.sha256}
    return dataset


def video_array(video: torch.Tensor, space: VideoSpace) -> xr.DataArray:
    """A tensor ``b c t h w`` over ``observation, frame, channel, y, x``, with its space in the attributes."""
    values = rearrange(video.detach().cpu(), "b c t h w -> b t c h w").numpy()
    array = xr.DataArray(values, dims=AXES, attrs={"transfer": space.transfer, "units": "1", "range": [0.0, 1.0]})
    if space.frame_rate is not None:
        array.attrs["frame_rate"] = space.frame_rate
        array = array.assign_coords(time=("frame", np.arange(space.frames) / space.frame_rate, {"units": "s"}))
    return array


def array_video(array: xr.DataArray) -> tuple[torch.Tensor, VideoSpace]:
    """Back from `video_array`; the axes ``observation``, ``frame`` and ``channel`` may be missing.

    Raises `SpaceError` for any other axis, and without ``y`` or ``x``.
    """
    array = array.rename({axis: axis.removeprefix("truth_") for axis in map(str, array.dims) if axis[:6] == "truth_"})
    unknown = [str(axis) for axis in array.dims if axis not in AXES]
    if unknown or not {"y", "x"} <= set(array.dims):
        raise SpaceError(f"has the axes {tuple(map(str, array.dims))}, expected {', '.join(AXES)}")
    missing = {axis: 1 for axis in AXES if axis not in array.dims}
    values = array.expand_dims(missing).transpose(*AXES).values
    video = rearrange(torch.from_numpy(np.array(values)), "b t c h w -> b c t h w").contiguous()
    rate = array.attrs.get("frame_rate")
    transfer = str(array.attrs.get("transfer", "unknown"))
    space = VideoSpace.of(video, frame_rate=None if rate is None else float(rate), transfer=transfer)
    return video, attrs.evolve(space)
