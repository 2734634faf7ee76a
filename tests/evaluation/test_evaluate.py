"""`invsolve evaluate`: the same numbers however it is cut into sessions and batches."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from invsolve.cli import main
from invsolve.evaluation.clip_file import ClipFile

RECIPE = """\
recipe: 1
input:
  read: simulate
  from: {read: blocksworld, split: validation, frames: 4, height: 16, width: 16, samples: 1}
operator: {use: temporal_average, frames: 4}
noise: {use: gaussian, std: 0.01}
prior: {use: spectral_gaussian}
sampler: {use: diffusion, steps: 2, kernel: {use: ddim}, guidance: {use: pigdm}}
samples: 2
baselines:
  repeated: {use: repeated}
  wiener: {use: wiener, longest: 3, angles: 2}
  spectral: {use: posterior_mean, prior: {use: spectral_gaussian}}
  autoencoder: {use: true_latents}
outputs: [clip_videos]
"""
KEYS = {
    "psnr_best_direction",
    "psnr_forward",
    "psnr_mean_of_samples",
    "ssim",
    "chi_square",
    "network_evaluations",
    "seconds",
}


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "toy.yaml"
    path.write_text(RECIPE, encoding="utf-8")
    return path


def evaluated(recipe: Path, out: str, *words: str) -> Path:
    assert main(["evaluate", str(recipe), "--out", str(recipe.parent / out), "--quiet", *words]) == 0
    (folder,) = (recipe.parent / out / "toy").iterdir()
    return folder


def rows(folder: Path) -> dict[tuple[str, str], dict[str, str]]:
    with (folder / "clips.csv").open(encoding="utf-8") as stream:
        return {(row["clip"], row["of"]): row for row in csv.DictReader(stream)}


def test_numbers_of_two_sessions_are_those_of_one_batch(recipe: Path):
    folder = evaluated(recipe, "a", "--clips", "0..1")
    first = folder / "clips" / "000000.nc"
    stamp = first.stat().st_mtime_ns
    assert evaluated(recipe, "a", "--clips", "0..3") == folder
    assert first.stat().st_mtime_ns == stamp
    together = evaluated(recipe, "b", "--clips", "0..3", "--batch", "3")
    one, other = rows(folder), rows(together)
    assert len(one) == 15
    for key, row in one.items():
        for name in ("psnr_best_direction", "reblur_chi_square", "ssim_best_direction"):
            assert float(row[name]) == pytest.approx(float(other[key][name]), rel=1e-4), (key, name)

    metrics = json.loads((folder / "metrics.json").read_text())
    assert set(metrics) == KEYS | {"baselines"}
    assert set(metrics["baselines"]) == {"repeated", "wiener", "spectral", "autoencoder"}
    for found in (metrics, *metrics["baselines"].values()):
        assert set(found) - {"baselines"} == KEYS
        for key in KEYS:
            assert set(found[key]) == {"median", "low", "high"}
    values = [float(row["psnr_best_direction"]) for (_, of), row in one.items() if of == "samples"]
    assert metrics["psnr_best_direction"]["median"] == pytest.approx(np.median(values), rel=1e-5)
    assert metrics["psnr_best_direction"]["low"] >= min(values) - 1e-4
    # the latents of this prior are the video itself
    assert metrics["baselines"]["autoencoder"]["psnr_forward"]["median"] is None or (
        metrics["baselines"]["autoencoder"]["psnr_forward"]["median"] > 100
    )
    details = json.loads((folder / "details.json").read_text())
    gains = [
        float(one[clip, "samples"]["psnr_best_direction"]) - float(one[clip, "repeated"]["psnr_best_direction"])
        for clip in ("000000", "000001", "000002")
    ]
    assert details["gain_over"]["repeated"]["psnr_best_direction"]["median"] == pytest.approx(
        np.median(gains), abs=2e-4
    )
    for name in ("table.md", "resolved.yaml"):
        assert (folder / name).stat().st_size > 0


def test_the_file_of_a_clip(recipe: Path):
    folder = evaluated(recipe, "a", "--clips", "5..6")
    file = ClipFile(folder / "clips" / "000005.nc")
    data = file.dataset()
    assert data["video"].dims == ("sample", "frame", "channel", "y", "x")
    assert data["video"].sizes["sample"] == 2
    # of samples in one direction of time
    first, second = data["video"].values
    ways = [(first + way) / 2 for way in (second, second[::-1])]
    assert min(np.abs(data["mean"].values - way).max() for way in ways) < 1 / 255
    assert {"observed", "truth", "std", "measured", "measured_samples"} < set(data)
    assert data["baseline_video"]["baseline"].values.tolist() == ["repeated", "wiener", "spectral", "autoencoder"]
    assert data.attrs["number"] == 5
    measures = file.measures()
    assert measures[""]["psnr_frames_forward"].shape == (2, 4)
    assert measures["repeated"]["psnr_best_direction"].shape == (1,)
    # PSNR of what was kept in 8 bits is that of what was measured, nearly
    truth = data["truth"].values
    error = ((data["video"].values - truth[None]) ** 2).mean((1, 2, 3, 4))
    np.testing.assert_allclose(-10 * np.log10(error), measures[""]["psnr"], atol=0.05)


def test_a_clip_whose_file_was_damaged_is_solved_again(recipe: Path, capsys: pytest.CaptureFixture[str]):
    folder = evaluated(recipe, "a", "--clips", "0..1")
    before, path = rows(folder), folder / "clips" / "000000.nc"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert main(["evaluate", str(recipe), "--out", str(recipe.parent / "a"), "--clips", "0..1"]) == 0
    assert "what was kept of 000000 is damaged; it is solved again" in capsys.readouterr().err
    after = rows(folder)
    assert {key: row["psnr"] for key, row in after.items()} == {key: row["psnr"] for key, row in before.items()}
    assert ClipFile(path).dataset().attrs["clip"] == "000000"


def test_clips_that_move_too_little_are_left_out(recipe: Path):
    everything = evaluated(recipe, "a", "--clips", "0..6")
    motion = {file.stem: ClipFile(file).dataset().attrs["motion"] for file in sorted((everything / "clips").iterdir())}
    limit = float(np.median(list(motion.values())))
    wanted = [name for name, value in motion.items() if value >= limit]
    some = evaluated(recipe, "b", "--clips", "0..6", "--moving", str(limit))
    assert sorted({clip for clip, _ in rows(some)}) == wanted
    # the same choice among clips that are there already
    evaluated(recipe, "a", "--clips", "0..6", "--moving", str(limit), "--count", "2")
    assert sorted({clip for clip, _ in rows(everything)}) == wanted[:2]


def test_a_folder_of_clips(recipe: Path, tmp_path: Path):
    clips = tmp_path / "clips"
    clips.mkdir()
    numbers = np.random.default_rng(0)
    for name in ("b.npz", "a.npz"):
        np.savez(clips / name, video=numbers.random((4, 16, 16, 3), dtype=np.float32))
    recipe.write_text(
        RECIPE.replace(
            "{read: blocksworld, split: validation, frames: 4, height: 16, width: 16, samples: 1}",
            f"{{read: npz, path: {clips / 'a.npz'}, transfer: linear}}",
        ),
        encoding="utf-8",
    )
    folder = evaluated(recipe, "a", "--folder", str(clips))
    assert sorted(file.name for file in (folder / "clips").iterdir()) == ["a.npz.nc", "b.npz.nc"]


def numbers(found: dict[tuple[str, str], dict[str, str]]) -> dict[tuple[str, str], dict[str, str]]:
    return {key: {name: value for name, value in row.items() if name != "seconds"} for key, row in found.items()}


def clip_folders(recipe: Path, *names: str) -> list[str]:
    """The recipe reads npz; in each folder one clip, 0.npz, of other numbers."""
    text = recipe.read_text().replace(
        "{read: blocksworld, split: validation, frames: 4, height: 16, width: 16, samples: 1}",
        "{read: npz, path: none.npz, transfer: linear}",
    )
    recipe.write_text(text[: text.index("baselines:")])
    for number, name in enumerate(names):
        (recipe.parent / name).mkdir()
        save_clip(recipe.parent / name, number)
    return [str(recipe.parent / name) for name in names]


def save_clip(folder: Path, seed: int) -> None:
    clip = np.random.default_rng(seed).random((4, 16, 16, 3)).astype(np.float32)
    np.savez(folder / "0.npz", video=clip)


def test_another_folder_of_clips_has_an_evaluation_of_its_own(recipe: Path, capsys: pytest.CaptureFixture[str]):
    one, other = clip_folders(recipe, "a", "b")
    first = evaluated(recipe, "both", "--folder", one)
    table, measured = (first / "table.md").read_text(), rows(first)
    assert "begun anew" not in capsys.readouterr().err
    assert main(["evaluate", str(recipe), "--out", str(recipe.parent / "both"), "--quiet", "--folder", other]) == 0
    assert f"beside {first}, since its clips are of {other}" in capsys.readouterr().err
    (second,) = set(first.parent.iterdir()) - {first}
    assert (first / "table.md").read_text() == table
    assert numbers(rows(second)) != numbers(measured)


def test_a_clip_that_changed_in_its_folder_is_solved_again(recipe: Path, capsys: pytest.CaptureFixture[str]):
    (one,) = clip_folders(recipe, "a")
    before = rows(evaluated(recipe, "same", "--folder", one))
    save_clip(Path(one), 1)
    capsys.readouterr()
    after = rows(evaluated(recipe, "same", "--folder", one))
    assert "solved of another input before" in capsys.readouterr().err
    assert numbers(after) != numbers(before)


def test_clips_of_several_sizes_and_colours_in_one_batch(recipe: Path, tmp_path: Path):
    clips = tmp_path / "clips"
    clips.mkdir()
    numbers = np.random.default_rng(0)
    for name, side, channels in (("a", 16, 3), ("b", 24, 3), ("c", 16, 3), ("d", 16, 1)):
        np.savez(clips / f"{name}.npz", video=numbers.random((4, side, 16, channels), dtype=np.float32))
    (clips / "readme.txt").write_text("how these were made")
    (clips / "LICENSE").write_text("CC0")
    text = RECIPE.replace(
        "{read: blocksworld, split: validation, frames: 4, height: 16, width: 16, samples: 1}",
        f"{{read: npz, path: {clips / 'a.npz'}, transfer: linear}}",
    )
    recipe.write_text(text[: text.index("baselines:")], encoding="utf-8")
    folder = evaluated(recipe, "a", "--folder", str(clips), "--batch", "2")
    assert sorted(file.name for file in (folder / "clips").iterdir()) == [f"{name}.npz.nc" for name in "abcd"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "name the clips"),
        (["--clips", "3..3"], r"a range A..B .* got '3..3'"),
        (["--folder", "nowhere"], "nowhere is not a folder of clips"),
        (["--folder", "."], "the reader 'blocksworld' of toy has no field 'path'; perhaps a range of numbers is meant"),
    ],
)
def test_mistakes_are_named(recipe: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str):
    import re

    assert main(["evaluate", str(recipe), *words]) == 2
    assert re.search(message, capsys.readouterr().err)
