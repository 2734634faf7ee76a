import json

import attrs
import numpy as np
import pytest
import torch
from PIL import Image

from invsolve.errors import WriteError
from invsolve.figures.comparison import write_comparison
from invsolve.figures.display import for_display
from invsolve.media import Recording
from invsolve.metrics import Reconstruction
from invsolve.metrics.measured import measured
from invsolve.noise import GaussianNoise
from invsolve.operator.pipeline import Identity
from invsolve.posterior.verdict import Verdict
from invsolve.recipe.recipe import default_metrics
from invsolve.record.results import write_results
from invsolve.record.run_folder import RunFolder
from invsolve.record.summary import summary_rows, summary_text
from invsolve.solving.outcome import Outcome
from invsolve.solving.solution import Solution
from invsolve.video.space import VideoSpace


def rand(*shape, seed=0):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


def reconstruction(video, observed=None, truth=None, transfer="srgb", rate=None):
    space = VideoSpace.of(video[0], transfer=transfer, frame_rate=rate)
    observed = video[0] if observed is None else observed
    return Reconstruction(
        video=video,
        space=space,
        observation=observed,
        observation_space=VideoSpace.of(observed, transfer=transfer),
        operator=Identity(),
        noise=GaussianNoise(std=0.1),
        truth=truth,
        truth_space=None if truth is None else VideoSpace.of(truth, transfer=transfer),
    )


@pytest.mark.parametrize(
    ("samples", "shape", "columns"),
    [
        (1, (3, 1, 20, 30), 4),
        (4, (3, 1, 120, 100), 8),
        (2, (1, 1, 16, 16), 7),
        (1, (2, 1, 9, 9), 4),
    ],
)
def test_comparison_has_a_column_for_each_part(tmp_path, samples, shape, columns):
    video, truth = rand(samples, 1, *shape), rand(1, *shape, seed=1)
    result = reconstruction(video, truth=truth)
    write_comparison(tmp_path / "a.png", result, measured(default_metrics(), result))
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.width == pytest.approx(columns * 330, abs=2)
        # something is drawn, on white paper
        assert 50 < np.asarray(picture.convert("L")).mean() < 250


def test_comparison_draws_the_values(tmp_path):
    video = torch.zeros(1, 1, 3, 1, 40, 40)
    video[:, :, 0] = 1.0
    write_comparison(tmp_path / "a.png", reconstruction(video, observed=torch.zeros(1, 3, 1, 40, 40)), {})
    pixels = np.asarray(Image.open(tmp_path / "a.png").convert("RGB"))
    height, width, _ = pixels.shape
    np.testing.assert_array_equal(pixels[height * 2 // 3, width // 4], [0, 0, 0])
    np.testing.assert_array_equal(pixels[height * 2 // 3, width * 3 // 4], [255, 0, 0])


def test_comparison_is_not_overwritten(tmp_path):
    result = reconstruction(rand(1, 1, 3, 1, 20, 30))
    (tmp_path / "a.png").touch()
    with pytest.raises(WriteError, match="exists already"):
        write_comparison(tmp_path / "a.png", result, {})


def test_linear_light_is_encoded_for_the_screen():
    shown = for_display(torch.tensor([-1.0, 0.0, 0.002, 0.2140411, 1.0, 2.0]), "linear")
    torch.testing.assert_close(shown, torch.tensor([0.0, 0.0, 0.02584, 0.5, 1.0, 1.0]), rtol=0, atol=1e-5)
    squared = for_display(torch.tensor([0.4626446]), "gamma:2.0")
    torch.testing.assert_close(squared, torch.tensor([0.5]), rtol=0, atol=1e-5)


@pytest.mark.parametrize("transfer", ["srgb", "unknown"])
def test_encoded_values_are_shown_as_they_are(transfer):
    values = rand(3, 4)
    assert torch.equal(for_display(values, transfer), values)


def solution(video, rate=None):
    return Solution(
        video=video,
        latent=video,
        outcome=Outcome.DONE,
        ending="done",
        verdict=Verdict(torch.ones(video.shape[:2]), *torch.zeros(2, video.shape[1], dtype=torch.bool)),
        trace={},
        space=VideoSpace.of(video[0], frame_rate=rate, transfer="srgb"),
        samples=tuple(range(len(video))),
        seed=0,
        seconds=0.1,
        references=(),
    )


def test_several_observations_have_pictures_each(tmp_path):
    video = rand(2, 2, 3, 2, 12, 14)
    result = reconstruction(video, truth=video[0] * 0.9, rate=25.0)
    recording = Recording(video=result.observation, space=result.observation_space, name="a", sha256="")
    folder = RunFolder.create(tmp_path, "a", "0a1b2c3d")
    values = measured(default_metrics(), result)
    write_results(folder, solution(video, 25.0), result, recording, values)
    names = {path.name for path in folder.path.iterdir()}
    assert {"comparison-0.png", "comparison-1.png", "frames-0", "frames-1", "video-0.mp4", "video-1.mp4"} < names
    shown = np.asarray(Image.open(folder.path / "frames-1" / "sample-1" / "0001.png")) / 255
    np.testing.assert_allclose(shown, video[1, 1, :, 1].permute(1, 2, 0), atol=0.5 / 255 + 1e-6)


@pytest.mark.parametrize(
    ("output", "files"),
    [
        ("solution", ["solution.nc"]),
        ("observation", ["observation.nc"]),
        ("frames", ["frames"]),
        ("video", ["video.mp4"]),
        ("comparison", ["comparison.png"]),
        ("comparison_video", ["comparison.mp4"]),
        ("contact_sheet", []),
    ],
)
def test_what_is_wanted_is_written_and_nothing_else(tmp_path, output, files):
    video = rand(1, 1, 3, 2, 12, 14)
    result = reconstruction(video, rate=25.0)
    recording = Recording(video=result.observation, space=result.observation_space, name="a", sha256="")
    folder = RunFolder.create(tmp_path, "a", "0a1b2c3d")
    write_results(folder, solution(video, 25.0), result, recording, {}, (output,))
    assert sorted(path.name for path in folder.path.iterdir()) == sorted(["metrics.json", *files])


def test_numbers_without_end_are_null(tmp_path):
    video = torch.full((1, 1, 1, 1, 12, 14), 0.5)
    result = reconstruction(video, truth=video[0])
    recording = Recording(video=result.observation, space=result.observation_space, name="a", sha256="")
    folder = RunFolder.create(tmp_path, "a", "0a1b2c3d")
    write_results(folder, solution(video), result, recording, measured(default_metrics(), result))
    assert json.loads((folder.path / "metrics.json").read_text())["psnr"] == [None]
    assert summary_text({"psnr": [None]}).splitlines()[-1].strip() == "sample 0"


def test_a_video_that_no_format_shows_has_no_frames(tmp_path):
    video = rand(1, 1, 2, 1, 12, 14)
    result = reconstruction(video)
    recording = Recording(video=result.observation, space=result.observation_space, name="a", sha256="")
    folder = RunFolder.create(tmp_path, "a", "0a1b2c3d")
    write_results(folder, solution(video), result, recording, {})
    assert not (folder.path / "frames").exists()
    assert (folder.path / "solution.nc").exists()


def test_the_table_has_a_row_for_each():
    values = {
        "psnr": [20.0, 21.0],
        "psnr_mean": 23.0,
        "psnr_observed": 18.5,
        "psnr_gain": [1.5, 2.5],
        "psnr_mean_gain": 4.5,
        "reblur_chi_square": [0.9, 1.1],
        "reblur_chi_square_mean": 0.8,
        "flow": [0.25, 0.5],
    }
    headings, rows = summary_rows(values)
    assert headings == ["", "PSNR [dB]", "gain [dB]", "chi-square", "flow"]
    assert rows == [
        ["sample 0", "20.00", "+1.50", "0.900", "0.25"],
        ["sample 1", "21.00", "+2.50", "1.100", "0.5"],
        ["mean", "23.00", "+4.50", "0.800", ""],
        ["observed", "18.50", "", "", ""],
    ]
    assert len({line.index("dB]") for line in summary_text(values).splitlines()[:1]}) == 1


def test_no_numbers_no_table():
    assert summary_text({}) == ""


def test_reconstructions_keep_their_parts():
    result = reconstruction(rand(2, 1, 3, 1, 4, 4))
    assert attrs.evolve(result, truth=None).comparable_truth is None
    torch.testing.assert_close(result.mean, result.video.mean(0))
