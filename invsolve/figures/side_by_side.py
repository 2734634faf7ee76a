"""`comparison.mp4`: the observation, a sample, one that runs the other way in time, and the truth, side by side."""

from pathlib import Path
from typing import Final

import numpy as np
import torch
from jaxtyping import Float
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from invsolve.figures.clip_strips import pair_of_samples
from invsolve.figures.display import for_display
from invsolve.media.video_writer import DEFAULT_RATE, write_video
from invsolve.metrics.reconstruction import Reconstruction
from invsolve.video.size import stretched

SIDE: Final = 256  # pixels that a picture is enlarged to at least
MOST: Final = 512  # pixels: larger pictures are made smaller, since the whole video is held in memory
SECONDS: Final = 4.0  # the clip is repeated until the video is this long
MARGIN: Final = 8


def write_side_by_side(path: Path, reconstruction: Reconstruction, observation: int = 0) -> None:
    """Write one observation of `reconstruction` at its own frame rate, repeated for 4 s.

    Raises:
        WriteError: where `path` exists or cannot be written.
        SpaceError: for other than 1 or 3 channels.
    """
    space = reconstruction.space
    first, second, reverse = pair_of_samples(reconstruction, observation)
    transfer, size = space.transfer, (space.frames, space.height, space.width)
    seen = for_display(
        reconstruction.observation[observation : observation + 1], reconstruction.observation_space.transfer
    )
    panels = {"observed": stretched(seen, *size)[0]}
    panels[f"sample {first}"] = for_display(reconstruction.video[first, observation], transfer)
    if second is not None:
        name = f"sample {second}" + (", other way" if reverse else "")
        panels[name] = for_display(reconstruction.video[second, observation], transfer)
    truth = reconstruction.comparable_truth
    if truth is not None:
        panels["truth"] = for_display(truth[observation], transfer)
    once = torch.cat([_panel(name, video) for name, video in panels.items()], dim=3)
    rate = space.frame_rate or DEFAULT_RATE
    again = max(1, round(SECONDS * rate / space.frames))
    write_video(path, once.repeat(1, again, 1, 1), frame_rate=rate)


def _panel(name: str, video: Float[Tensor, "c t h w"]) -> Float[Tensor, "3 t h2 w2"]:
    """The video enlarged or made smaller by a whole factor, with its name above and a margin."""
    longest = max(video.shape[-2:])
    factor, divisor = max(1, -(-SIDE // longest)), -(-longest // MOST)
    small = video.float().cpu()
    if divisor > 1:
        small = torch.nn.functional.avg_pool2d(small, divisor, ceil_mode=True, count_include_pad=False)
    large = small.expand(3, -1, -1, -1).repeat_interleave(factor, 2).repeat_interleave(factor, 3)
    title = _title(name, large.shape[-1])[:, None].expand(-1, large.shape[1], -1, -1)
    return torch.nn.functional.pad(torch.cat([title, large], dim=2), (MARGIN, MARGIN, 0, MARGIN), value=1.0)


def _title(name: str, width: int) -> Float[Tensor, "3 h w"]:
    """Black on white."""
    size = max(10, width // 16)
    picture = Image.new("RGB", (width, 2 * size), "white")
    ImageDraw.Draw(picture).text((width / 2, size), name, "black", ImageFont.load_default(size), "mm")
    return torch.from_numpy(np.asarray(picture).copy()).permute(2, 0, 1).float() / 255
