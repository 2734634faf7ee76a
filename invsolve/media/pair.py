"""Reader `pair`: a blurred clip with the sharp one behind it, from folders of pictures."""

from functools import cached_property
from pathlib import Path
from typing import final

import attrs
import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import ReadError
from invsolve.files.sha256 import sha256_of
from invsolve.media.framing import Framing, check_size
from invsolve.media.picture import SUFFIXES, Channels, Taking, read_picture
from invsolve.media.random_view import Flip, RandomView
from invsolve.media.reader import ReadContext, Reader, check_transfer
from invsolve.media.recording import Recording
from invsolve.media.source import require_folder
from invsolve.media.spoken_order import spoken_order
from invsolve.validators import as_path, literal, number, optional, whole
from invsolve.video.space import VideoSpace

Scene = tuple[tuple[Path, tuple[Path, ...]], ...]  # each blurred picture with its sharp ones


@final
@attrs.frozen
class PairReader(Reader):
    """Blurred pictures ``1 c t h w`` with the sharp frames behind them as the truth, float32 in [0, 1].

    A scene is any folder, at any depth, that holds a folder ``blurred`` and a folder ``sharp``. A blurred picture
    belongs to the sharp one of the same name; or to all sharp ones whose names are its own with an underscore and a
    number behind it. Blurred pictures without sharp ones are left out. Known layouts:

    - GoPro (``GOPRO_Large/train``): ``SCENE/blur/000047.png`` with ``SCENE/sharp/000047.png``: the defaults;
      ``blurred: blur_gamma`` takes the other blurred set.
    - DVD (``quantitative_datasets``): ``SCENE/input/00000.jpg`` with ``SCENE/GT/00000.jpg``: ``blurred: input``,
      ``sharp: GT``.
    - B-AIST++: ``SCENE/blur/00000000.png`` with ``SCENE/sharp/00000000_000.png`` to ``..._006.png``: ``frames: 1``.
    - BAIR's robot videos have no blurred pictures: read them with `clips`, and let an operator blur them.

    Attributes:
        path: the folder of all scenes.
        blurred: names of the folders in a scene.
        sharp: names of the folders in a scene.
        frames: blurred pictures of a clip.
        index: number of the clip, where clips follow each other without overlap, scene by scene; null takes a window
            anywhere in any scene, drawn by the seed of the recipe.
        size: ``"HxW"``: scaled to cover it first.
        crop: ``"HxW"`` [pixels] from anywhere, by the seed.
        flips: among ``horizontal``, ``vertical`` and ``time``, each with a chance of one half.
        frame_rate: [frames/s] of the blurred pictures.
        channels: ``rgb`` or ``grey``.
        transfer: of both.

    Raises:
        ReadError: for folders without scenes, scenes that are too short, pictures that belong to different numbers of
            sharp ones, and an index beyond the last clip.

    Examples:
        ```python
        PairReader(path=Path("GOPRO_Large/test"), frames=16, index=0).read(ReadContext())
        ```

        ```yaml
        input: {read: pair, path: GOPRO_Large/test, frames: 16, index: 0}
        ```
    """

    path: Path = attrs.field(converter=as_path)
    blurred: str = "blur"
    sharp: str = "sharp"
    frames: int = attrs.field(default=16, validator=whole(least=1))
    index: int | None = attrs.field(default=None, validator=optional(whole(least=0)))
    size: str | None = attrs.field(default=None, validator=check_size)
    crop: str | None = attrs.field(default=None, validator=check_size)
    flips: tuple[Flip, ...] = attrs.field(default=(), validator=attrs.validators.deep_iterable(literal(Flip)))
    frame_rate: float | None = attrs.field(default=None, validator=optional(number(above=0.0)))
    channels: Channels = attrs.field(default="rgb", validator=literal(Channels))
    transfer: str = attrs.field(default="srgb", validator=check_transfer)

    def read(self, context: ReadContext) -> Recording:
        """Read the clip of the index, or the window that the seed draws."""
        rng = np.random.default_rng((context.seed, 0x_9A12))
        name, window = self._window(rng)
        blurred = self._pictures(tuple(picture for picture, _ in window))
        sharp = self._pictures(tuple(file for _, files in window for file in files))
        if blurred.shape[-2:] != sharp.shape[-2:]:
            raise ReadError(f"the blurred and the sharp pictures of {name} differ in size; write `size: HxW`.")
        view = RandomView.draw(self.crop, self.flips, blurred, rng, name)
        video, truth = view.apply(blurred), view.apply(sharp)
        rate = self.frame_rate
        each = sharp.shape[2] // blurred.shape[2]
        files = [file for picture, sharp_ones in window for file in (picture, *sharp_ones)]
        return Recording(
            video=video,
            space=VideoSpace.of(video, frame_rate=rate, transfer=self.transfer),
            name=name,
            sha256=sha256_of(*files),
            truth=truth,
            truth_space=VideoSpace.of(truth, frame_rate=None if rate is None else rate * each, transfer=self.transfer),
        )

    def _window(self, rng: np.random.Generator) -> tuple[str, Scene]:
        """The name of a clip, and its pairs."""
        scenes = [(folder, scene) for folder, scene in self._scenes if len(scene) >= self.frames]
        if not scenes:
            longest = max(len(scene) for _, scene in self._scenes)
            raise ReadError(f"no scene in {self.path} has {self.frames} pairs; the longest has {longest}.")
        if self.index is None:
            folder, scene = scenes[int(rng.integers(len(scenes)))]
            start = int(rng.integers(len(scene) - self.frames + 1))
            return f"{folder.name}_{start}", scene[start : start + self.frames]
        clips = [
            (folder, scene, start)
            for folder, scene in scenes
            for start in range(0, len(scene) - self.frames + 1, self.frames)
        ]
        if self.index >= len(clips):
            raise ReadError(
                f"{self.path} has {len(clips)} clips of {self.frames} pairs; there is no number {self.index}."
            )
        folder, scene, start = clips[self.index]
        return f"{folder.name}_{start}", scene[start : start + self.frames]

    @cached_property
    def _scenes(self) -> tuple[tuple[Path, Scene], ...]:
        require_folder(self.path)
        folders = sorted(
            (each.parent for each in self.path.rglob(self.blurred) if (each.parent / self.sharp).is_dir()),
            key=lambda each: spoken_order(str(each)),
        )
        found = tuple((folder, self._scene(folder)) for folder in folders)
        if not any(scene for _, scene in found):
            raise ReadError(
                f"{self.path} holds no scene: no folder with pictures in {self.blurred}/ and of the same names in"
                f" {self.sharp}/. Name the folders with `blurred` and `sharp`."
            )
        counts = {len(files) for _, scene in found for _, files in scene}
        if len(counts) > 1:
            raise ReadError(
                f"blurred pictures in {self.path} belong to different numbers of sharp ones: {sorted(counts)}."
            )
        return found

    def _scene(self, folder: Path) -> Scene:
        sharp: dict[str, list[Path]] = {}
        blurred = _pictures_in(folder / self.blurred)
        stems = {file.stem for file in blurred}
        for file in _pictures_in(folder / self.sharp):
            stem = file.stem if file.stem in stems else file.stem.rpartition("_")[0]
            sharp.setdefault(stem, []).append(file)
        return tuple((file, tuple(sharp[file.stem])) for file in blurred if file.stem in sharp)

    def _pictures(self, files: tuple[Path, ...]) -> Float[Tensor, "1 c t h w"]:
        framing = Framing(size=self.size)
        taking = Taking(channels=self.channels, transfer=self.transfer)
        read = [read_picture(file, taking, framing).video for file in files]
        for file, picture in zip(files, read, strict=True):
            if picture.shape != read[0].shape:
                raise ReadError(f"{file} has another size than {files[0]}; write `size: HxW`.")
        return torch.cat(read, 2)


def _pictures_in(folder: Path) -> list[Path]:
    shown = [file for file in folder.iterdir() if file.suffix.lower() in SUFFIXES and not file.name.startswith(".")]
    return sorted(shown, key=lambda file: spoken_order(file.name))
