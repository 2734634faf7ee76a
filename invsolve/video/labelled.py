"""Videos as xarray: labelled axes, coordinates and attributes."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np
from torch import Tensor

from invsolve.video.space import VideoSpace

if TYPE_CHECKING:
    import xarray

VIDEO_AXES: Final = ("sample", "observation", "frame", "channel", "y", "x")
CHANNEL_NAMES: Final[Mapping[int, list[str]]] = {1: ["grey"], 3: ["red", "green", "blue"]}


def video_array(video: Tensor, space: VideoSpace, samples: tuple[int, ...], name: str) -> "xarray.DataArray":
    """A video ``s b c t h w`` as dims ``sample observation frame channel y x`` with coordinates.

    `sample` holds the sample numbers, `channel` colour names, and `time` [s] accompanies `frame` where the frame
    rate is known. Values are in [0, 1]; the attribute `transfer` names their light.
    """
    import xarray

    channels = CHANNEL_NAMES.get(space.channels, [str(c) for c in range(space.channels)])
    coordinates: dict[str, object] = {"sample": list(samples), "channel": channels, "frame": np.arange(space.frames)}
    if space.frame_rate is not None:
        coordinates["time"] = ("frame", np.arange(space.frames) / space.frame_rate, {"units": "s"})
    values = video.detach().cpu().permute(0, 1, 3, 2, 4, 5).numpy()
    described = {"long_name": f"{name}, 0 is black and 1 is white", "units": "1", "transfer": space.transfer}
    return xarray.DataArray(values, dims=VIDEO_AXES, coords=coordinates, name=name, attrs=described)
