"""Everything a run leaves besides its provenance: data, pictures, numbers, references."""

import math
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from invsolve.extras import NETCDF, lacking
from invsolve.figures.display import for_display
from invsolve.files.atomic import atomic
from invsolve.files.json_file import write_json
from invsolve.media.png_writer import write_frames
from invsolve.media.recording import Recording
from invsolve.metrics.metric import Values
from invsolve.metrics.reconstruction import Reconstruction
from invsolve.recipe.outputs import OUTPUTS, Output
from invsolve.record.run_folder import RunFolder
from invsolve.solving.solution import Solution

if TYPE_CHECKING:
    import xarray as xr


def write_results(
    folder: RunFolder,
    solution: Solution,
    reconstruction: Reconstruction,
    recording: Recording,
    values: Values,
    outputs: Collection[Output] = OUTPUTS,
) -> tuple[str, ...]:
    """Write metrics.json and, of `outputs`, solution.nc, observation.nc, frames/, video.mp4, comparison.png and .mp4.

    Without the extra ``netcdf`` the samples are written as solution.npz; what else needs an extra is left out.

    Returns:
        A sentence on each extra that is not installed, with what is missed by that.

    Raises:
        WriteError: where the disk does not take them.
        RunFailed: where the disk does not take them.
    """
    path = folder.path
    missed = [_write_data(path, solution, recording, outputs)]
    write_json(path / "metrics.json", {name: _finite(value) for name, value in values.items()}, replace=True)
    without_plots, without_video = lacking("comparison.png", "matplotlib"), lacking("the videos", "av")
    missed += [without_plots] if "comparison" in outputs else []
    several = reconstruction.observation.shape[0] > 1
    for observation in range(reconstruction.observation.shape[0]):
        suffix = f"-{observation}" if several else ""
        if "comparison" in outputs and not without_plots:
            from invsolve.figures.comparison import write_comparison

            write_comparison(path / f"comparison{suffix}.png", reconstruction, values, observation)
        if reconstruction.space.channels not in (1, 3):
            continue
        if "frames" in outputs:
            _write_frames(path / f"frames{suffix}", reconstruction, solution.samples, observation)
        if reconstruction.space.frames > 1 and not without_video:
            _write_videos(path, reconstruction, observation, suffix, outputs)
        elif reconstruction.space.frames > 1 and {"video", "comparison_video"} & set(outputs):
            missed.append(without_video)
    return tuple(dict.fromkeys(filter(None, missed)))


def _write_data(path: Path, solution: Solution, recording: Recording, outputs: Collection[Output]) -> str:
    """The numbers; returns what to say of those that could not be written."""
    if not {"solution", "observation"} & set(outputs):
        return ""
    if missed := lacking("solution.nc (there is solution.npz instead) and observation.nc", *NETCDF):
        with atomic(path / "solution.npz", replace=True) as temporary:
            np.savez_compressed(temporary, allow_pickle=False, video=solution.video.detach().cpu().numpy())
        return missed
    from invsolve.media.dataset import recording_dataset
    from invsolve.media.dataset_writer import write_dataset

    if "solution" in outputs:
        write_dataset(path / "solution.nc", _with_facts(solution, recording), replace=True)
    if "observation" in outputs:
        write_dataset(path / "observation.nc", recording_dataset(recording), replace=True)
    return ""


def _write_frames(folder: Path, reconstruction: Reconstruction, samples: tuple[int, ...], observation: int) -> None:
    videos = {f"sample-{number}": video for number, video in zip(samples, reconstruction.video, strict=True)}
    if len(samples) > 1:
        videos["mean"] = reconstruction.mean
    for name, video in videos.items():
        write_frames(folder / name, for_display(video[observation], reconstruction.space.transfer))


def _write_videos(
    path: Path, reconstruction: Reconstruction, observation: int, suffix: str, outputs: Collection[Output]
) -> None:
    from invsolve.figures.side_by_side import write_side_by_side
    from invsolve.media.video_writer import write_video

    space = reconstruction.space
    if "video" in outputs:
        first = for_display(reconstruction.video[0, observation], space.transfer)
        write_video(path / f"video{suffix}.mp4", first, frame_rate=space.frame_rate)
    if "comparison_video" in outputs and reconstruction.observation_space.channels in (1, 3):
        write_side_by_side(path / f"comparison{suffix}.mp4", reconstruction, observation)


def _with_facts(solution: Solution, recording: Recording) -> "xr.Dataset":
    dataset = solution.to_xarray().assign_attrs(title=recording.name, input_sha256=recording.sha256)
    # latents of pixels are the video again, in other units
    return dataset.drop_vars("latent") if solution.latent.numel() >= solution.video.numel() else dataset


def _finite(value: float | list[float]) -> Any:
    if isinstance(value, list):
        return [_finite(each) for each in value]
    return value if math.isfinite(value) else None
