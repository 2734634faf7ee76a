import attrs
import pytest
import torch
import xarray

import invsolve as iv
from invsolve.errors import WriteError
from tests.core.parts import StandardNormal, Walk


@pytest.fixture
def solution():
    y = torch.rand(2, 3, 4, 3, 5, generator=torch.Generator().manual_seed(0))
    space = iv.VideoSpace(frames=4, height=3, width=5, frame_rate=25.0, transfer="linear")
    return iv.solve(iv.Problem(iv.Identity(), y, StandardNormal(), space=space), Walk(), seed=0, samples=[4, 1])


def test_netcdf_round_trip_with_labels(solution, tmp_path):
    path = solution.save(tmp_path / "solution.nc")
    with xarray.open_dataset(path, engine="h5netcdf") as data:
        video = data["video"]
        assert video.dims == ("sample", "observation", "frame", "channel", "y", "x")
        assert video.sel(sample=1, channel="green").shape == (2, 4, 3, 5)
        torch.testing.assert_close(torch.from_numpy(video.values), solution.video.transpose(2, 3))
        torch.testing.assert_close(torch.from_numpy(data["std"].values), solution.std.transpose(1, 2))
        assert data["time"].values.tolist() == pytest.approx([0, 0.04, 0.08, 0.12])
        assert data["trace_misfit"].shape == (6, 2, 2)
        assert data.attrs["outcome"] == "DONE"
        assert data.attrs["transfer"] == "linear"


def test_quantiles_and_modes_are_saved_too(solution, tmp_path):
    with xarray.open_dataset(solution.save(tmp_path / "solution.nc"), engine="h5netcdf") as data:
        half = data["quantile"].sel(probability=0.5)
        torch.testing.assert_close(torch.from_numpy(half.values), solution.quantiles([0.5])[0].transpose(1, 2))
        assert data["mode"].dims == ("sample", "observation")
        assert not data["mode"].values.any()
        assert data["mode_representative"].values.sum(0).tolist() == [1, 1]
        assert "aligned_mean" not in data
    assert [mode.members for (mode,) in solution.modes()] == [(1, 4), (1, 4)]


def judged(solution, reversible):
    return attrs.evolve(solution.verdict, reversible=torch.tensor([reversible, reversible]))


def test_samples_of_both_directions_are_aligned_where_they_are_reversible(solution, tmp_path):
    motion = torch.rand(1, 3, 4, 3, 5, generator=torch.Generator().manual_seed(1)).expand(2, -1, -1, -1, -1)
    both = attrs.evolve(solution, video=torch.stack([motion, motion.flip(2)]), verdict=judged(solution, True))
    with xarray.open_dataset(both.save(tmp_path / "solution.nc"), engine="h5netcdf") as data:
        torch.testing.assert_close(torch.from_numpy(data["aligned_mean"].values), motion.transpose(1, 2))
        assert float(abs(data["aligned_std"]).max()) < 1e-6 < float(data["std"].max())
    assert torch.equal(attrs.evolve(both, verdict=judged(both, False)).aligned, both.video)


def test_a_run_that_failed_is_saved_without_modes(solution, tmp_path):
    failed = attrs.evolve(solution, video=solution.video / 0, verdict=judged(solution, True))
    with xarray.open_dataset(failed.save(tmp_path / "solution.nc"), engine="h5netcdf") as data:
        assert "mode" not in data
        assert "quantile" in data


def test_nothing_is_overwritten_and_nothing_half_written(solution, tmp_path):
    path = tmp_path / "solution.nc"
    path.write_text("mine")
    with pytest.raises(WriteError, match="exists already"):
        solution.save(path)
    assert path.read_text() == "mine"
    with pytest.raises(WriteError, match=r"cannot be written: No such file.*Choose a folder"):
        solution.save(tmp_path / "no" / "solution.nc")
    assert [p.name for p in tmp_path.iterdir()] == ["solution.nc"]


def test_references_follow_the_parts(solution):
    assert solution.references == ()
    y = torch.rand(1, 3, 1, 3, 5)
    noisy = iv.Problem(iv.Identity(), y, StandardNormal(), noise=iv.PoissonGaussianNoise())
    assert "foi2008practical" in iv.solve(noisy, Walk(), seed=0).references[0]


def test_a_saved_solution_is_named_and_readable_like_any_file(solution, tmp_path):
    with pytest.raises(WriteError, match=r"saved as NetCDF; call it clip\.nc"):
        solution.save(tmp_path / "clip.mp4")
    (tmp_path / "other").write_bytes(b"")
    assert solution.save(tmp_path / "clip.nc").stat().st_mode == (tmp_path / "other").stat().st_mode
