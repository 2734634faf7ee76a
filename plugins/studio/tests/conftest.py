"""A picture, a clip, a desk that is warm, and what is skipped where gradio or a browser is missing."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from invsolve_studio.desk import Desk, Job
from invsolve_studio.limits import Limits
from invsolve_studio.order import Look, Order

collect_ignore = [] if find_spec("gradio") else ["page"]


def textured(height: int, width: int, seed: int = 0) -> np.ndarray[Any, Any]:
    """A random picture of squares, 8 bits."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(30, 225, (height // 8 + 1, width // 8 + 1, 3), dtype=np.uint8)
    return coarse.repeat(8, 0).repeat(8, 1)[:height, :width]


def write_clip(path: Path, frames: int = 5, height: int = 48, width: int = 64) -> Path:
    """A clip of squares that move to the right."""
    import torch

    from invsolve.media.video_writer import write_video

    picture = textured(height, width + 2 * frames)
    moved = np.stack([picture[:, 2 * k : 2 * k + width] for k in range(frames)])
    write_video(path, torch.from_numpy(moved).permute(3, 0, 1, 2) / 255, frame_rate=10.0)
    return path


@pytest.fixture(scope="session")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("picture") / "holiday.png"
    Image.fromarray(textured(40, 56)).save(path)
    return path


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("clip") / "walk.mp4")


@pytest.fixture(scope="session")
def long_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Large enough for a run to be stopped in its middle."""
    return write_clip(tmp_path_factory.mktemp("clip") / "long.mp4", frames=16, height=240, width=320)


@pytest.fixture(scope="session")
def desk() -> Desk:
    """Its processes share one import of torch."""
    made = Desk()
    made.warm_up()
    return made


@pytest.fixture
def done(desk: Desk) -> Callable[[Order], Any]:
    """Carry out an order, and give its last event."""

    def carry_out(order: Order) -> Any:
        return list(desk.events(Job(order)))[-1]

    return carry_out


@pytest.fixture
def taken(done: Callable[[Order], Any], tmp_path: Path) -> Callable[[Path], Any]:
    """Take a file as the studio does, and give the last event."""

    def take(path: Path, name: str | None = None, limits: Limits | None = None) -> Any:
        folder = tmp_path / "file"
        folder.mkdir(exist_ok=True)
        return done(Look(path, name or path.name, folder, limits or Limits()))

    return take
