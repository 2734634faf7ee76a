"""Recordings as xarray datasets: labelled axes, and attributes that say what the numbers mean."""

from typing import Final

import numpy as np
import torch
import xarray as xr
from einops import rearrange

from invsolve.errors import ChoiceNeeded
from invsolve.media.recording import Recording
from invsolve.video.labelled import video_array
from invsolve.video.space import VideoSpace

AXES: Final = ("observation", "frame", "channel", "y", "x")


def recording_dataset(recording: Recording) -> xr.Dataset:
    """Variables ``observed`` and, where it is known, ``truth``, over ``observation, frame, channel, y, x``.

    The axes of the truth are called ``truth_frame``, ``truth_y``, ... since they may be of other sizes.
    """
    dataset = xr.Dataset({"observed": _array(recording.video, recording.space, "observed")})
    if recording.truth is not None and recording.truth_space is not None:
        truth = _array(recording.truth, recording.truth_space, "truth")
        dataset["truth"] = truth.rename({name: f"truth_{name}" for name in (*AXES[1:], *truth.coords)})
    dataset.attrs = {"title": recording.name, "input_sha256": recording.sha256}
    return dataset


def recording_arrays(recording: Recording) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    """Arrays ``observed`` and, where it is known, ``truth``, in the order ``t h w c`` of one observation."""
    videos = {"observed": recording.video}
    if recording.truth is not None:
        videos["truth"] = recording.truth
    return {name: rearrange(video[0], "c t h w -> t h w c").numpy() for name, video in videos.items()}


def read_array(array: xr.DataArray, frame_rate: object = None) -> tuple[torch.Tensor, VideoSpace]:
    """A variable as a tensor ``b c t h w``; its axes ``observation``, ``frame`` and ``channel`` may be missing.

    Raises:
        ChoiceNeeded: without the name of the array, for any other axis, without ``y`` or ``x``, and for a frame rate
            that is no number.
        SpaceError: for sizes that no video has.
    """
    array = array.drop_vars(array.coords)
    array = array.rename({axis: axis.removeprefix("truth_") for axis in map(str, array.dims) if axis[:6] == "truth_"})
    unknown = [axis for axis in array.dims if axis not in AXES]
    if unknown or not {"y", "x"} <= set(array.dims):
        raise ChoiceNeeded(f"has the axes {tuple(map(str, array.dims))}, expected {', '.join(AXES)}", field="axes")
    array = array.expand_dims({axis: 1 for axis in AXES if axis not in array.dims}).transpose(*AXES)
    video = rearrange(torch.from_numpy(np.array(array.values)), "b t c h w -> b c t h w").contiguous()
    stated = array.attrs.get("frame_rate", frame_rate)
    try:
        rate = None if stated is None else float(stated)
    except (TypeError, ValueError):
        words = f"has the attribute frame_rate {stated!r}, expected a number [frames/s]"
        raise ChoiceNeeded(words, field="frame_rate") from None
    transfer = str(array.attrs.get("transfer", "unknown"))
    return video, VideoSpace.of(video, frame_rate=rate, transfer=transfer)


def _array(video: torch.Tensor, space: VideoSpace, name: str) -> xr.DataArray:
    array = video_array(video[None], space, (0,), name).isel(sample=0, drop=True)
    if space.frame_rate is not None:
        array.attrs["frame_rate"] = space.frame_rate
    return array
