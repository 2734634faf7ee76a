"""A recording as a folder of files that other programs read."""

from pathlib import Path

import numpy as np
from torch import Tensor

from invsolve.figures.display import for_display
from invsolve.files.atomic import atomic, make_folder, whole_folder
from invsolve.media.dataset import recording_arrays, recording_dataset
from invsolve.media.dataset_writer import write_dataset
from invsolve.media.png_writer import write_frames, write_png
from invsolve.media.recording import Recording
from invsolve.media.video_writer import write_video
from invsolve.video.space import VideoSpace


def write_recording(folder: Path, recording: Recording) -> None:
    """Write observation.nc and .npz, and pictures of the observation and the truth; the folder appears whole.

    Raises:
        WriteError: where `folder` exists or cannot be written.
        RunFailed: where the disk is full.
    """
    make_folder(folder.parent)
    with whole_folder(folder) as temporary:
        write_dataset(temporary / "observation.nc", recording_dataset(recording))
        with atomic(temporary / "observation.npz") as path:
            np.savez_compressed(path, allow_pickle=False, **recording_arrays(recording))
        _write_pictures(temporary, "observation", recording.video, recording.space)
        if recording.truth is not None and recording.truth_space is not None:
            _write_pictures(temporary, "truth", recording.truth, recording.truth_space)


def _write_pictures(folder: Path, name: str, video: Tensor, space: VideoSpace) -> None:
    if space.channels not in (1, 3):
        return
    shown = for_display(video[0], space.transfer)
    if space.frames == 1:
        write_png(folder / f"{name}.png", shown[:, 0])
    else:
        write_frames(folder / name, shown)
        write_video(folder / f"{name}.mp4", shown, frame_rate=space.frame_rate)
