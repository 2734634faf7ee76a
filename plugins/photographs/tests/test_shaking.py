"""Examples: what is said of their motion is how their frames move, and each is the same whenever it is made."""

from pathlib import Path

import numpy as np
import pytest
import torch

from invsolve.errors import ReadError
from invsolve.training import numbers
from invsolve_photographs.motion.render import render
from invsolve_photographs.shaking.camera_path import UNIT, CameraPath, terms
from invsolve_photographs.shaking.example import FRAMES
from invsolve_photographs.shaking.generator import ExampleGenerator, exposed
from invsolve_photographs.shaking.shaken_patch import ShakenPatch, softened
from invsolve_photographs.shaking.still_folder import StillFolder
from invsolve_photographs.shaking.wear import Wear
from invsolve_samplers import StillFlow

from .conftest import save, texture

NO_WEAR = Wear(noise=0.0, sharpening=0.0, jpeg=0.0, h264=0.0)


@pytest.fixture(scope="module")
def stills(tmp_path_factory: pytest.TempPathFactory) -> StillFolder:
    folder = tmp_path_factory.mktemp("stills")
    for number in range(2):
        save(folder / f"{number}.png", texture(150, 160, number))
    return StillFolder(folder)


def generator(stills: StillFolder, wear: Wear = NO_WEAR, layers: tuple[float, ...] = (1.0,)) -> ExampleGenerator:
    patch = ShakenPatch(stills, CameraPath(still=0.0), side=64, layers=layers)
    return ExampleGenerator(patch=patch, wear=wear, seed=4, frame_noise=0.0)


def psnr(one: torch.Tensor, other: torch.Tensor) -> float:
    return float(-10 * (one - other)[..., 8:-8, 8:-8].square().mean().log10())


@pytest.mark.parametrize("number", range(4))
def test_the_middle_frame_moves_as_is_said(stills: StillFolder, number: int) -> None:
    example = generator(stills).example(number)
    frames = example.frames.float().transpose(0, 1)[None] / 255
    middle = frames[:, :, FRAMES // 2]
    right = psnr(render(middle, example.motion[None]), frames)
    assert right > 33
    assert right > psnr(render(middle, -example.motion[None]), frames)
    assert example.motion[:, FRAMES // 2].abs().max() < 1e-5


def test_the_photograph_is_the_mean_of_its_frames_in_light(stills: StillFolder) -> None:
    example = generator(stills).example(1)
    bright = (example.frames.double() / 255) ** 2.2
    wanted = bright.mean(0) ** (1 / 2.2) * 255
    # rounded down, and three of ten cameras have another curve
    assert (example.blurred.double() - wanted).abs().max() < 3
    assert torch.allclose(exposed(example.frames, 2.2).double() * 255, wanted, atol=1e-3)


def test_an_example_depends_on_its_number_alone(stills: StillFolder) -> None:
    made = generator(stills, Wear(), (0.2, 0.4, 0.4))
    ahead = [made.example(number) for number in range(4)]
    again = generator(stills, Wear(), (0.2, 0.4, 0.4)).example(2)
    assert torch.equal(again.blurred, ahead[2].blurred)
    assert torch.equal(again.motion, ahead[2].motion)
    assert not torch.equal(ahead[1].frames, ahead[2].frames)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(made.example(2).motion, ahead[2].motion)


def test_windows_of_a_video_are_examples(stills: StillFolder) -> None:
    video = (torch.rand(20, 3, 80, 90) * 255).to(torch.uint8)
    patch = ShakenPatch(stills, side=64)
    made = ExampleGenerator(patch=patch, wear=NO_WEAR, seed=0, video=video, flow=StillFlow(), real=1.0)
    example = made.example(0)
    assert example.frames.shape == (FRAMES, 3, 64, 64)
    assert example.motion.shape == (2, FRAMES, 16, 16)
    assert not example.motion.any()
    places = [bool((video == frame[0, 0, 0]).any()) for frame in example.frames]
    assert all(places)


@pytest.mark.parametrize("number", range(5))
def test_camera_paths_are_turns_and_shifts_of_a_plane(number: int) -> None:
    rng = numbers(number, "path", 0)
    times = np.linspace(-1, 1, 7)
    found = CameraPath().coefficients(rng, times, 5.0)
    assert found.shape == (7, 2, 6)
    assert np.allclose(found[3], 0)
    # perspective: the coefficients of x^2 across and of x y down are one number, and so are those of y^2 and x y
    assert np.allclose(found[:, 1, 3], found[:, 0, 4])
    assert np.allclose(found[:, 0, 5], found[:, 1, 4])
    assert terms(8, 10).shape == (6, 8, 10)
    assert np.allclose(terms(8, 10)[1, 0, -1], 4.5 / UNIT)


def test_softening_keeps_the_mean_and_the_width() -> None:
    impulse = torch.zeros(1, 41, 41)
    impulse[0, 20, 20] = 1
    soft = softened(impulse, 2.0)
    place = torch.arange(41.0) - 20
    assert float(soft.sum()) == pytest.approx(1, abs=1e-5)
    assert float((soft[0].sum(0) * place.square()).sum()) == pytest.approx(4, abs=0.1)
    assert softened(impulse, 0.1) is impulse


def test_every_wear_leaves_a_picture(stills: StillFolder) -> None:
    picture = texture(64, 64)[0]
    worn = Wear(noise=1.0, sharpening=1.0, jpeg=1.0, h264=1.0).applied(numbers(0, "wear", 0), picture)
    assert worn.shape == (3, 64, 64)
    assert 15 < psnr(worn / 255, picture) < 50
    assert psnr(NO_WEAR.applied(numbers(0, "wear", 0), picture) / 255, picture) > 47


def test_folders_without_photographs_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="there is no folder"):
        StillFolder(tmp_path / "none").files()
    with pytest.raises(ReadError, match="holds no photographs"):
        StillFolder(tmp_path).files()
    save(tmp_path / "drawing_1.png", texture(70, 70))
    save(tmp_path / "real.png", texture(70, 70))
    assert [file.name for file in StillFolder(tmp_path, ("drawing",)).files()] == ["real.png"]
    (tmp_path / "broken.png").write_text("no picture")
    rng = numbers(0, "folder", 0)
    with pytest.raises(ReadError, match=r"broken.png cannot be read"):
        for _ in range(30):
            StillFolder(tmp_path, ("drawing", "real")).patch(rng, 64)
