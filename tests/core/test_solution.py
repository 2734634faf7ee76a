import attrs
import pytest
import torch
import xarray

import invsolve as iv
from invsolve.errors import CapabilityError, ReadError, WriteError
from tests.core.parts import StandardNormal, Walk


def solved(samples):
    y = torch.rand(2, 3, 4, 3, 5, generator=torch.Generator().manual_seed(0))
    space = iv.VideoSpace(frames=4, height=3, width=5, frame_rate=25.0, transfer="linear")
    return iv.solve(iv.Problem(iv.Identity(), y, StandardNormal(), space=space), Walk(), seed=0, samples=samples)


@pytest.fixture
def solution():
    return solved([4, 1])


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


def test_quantiles_of_enough_samples_are_saved_too(solution):
    assert "quantile" not in solution.to_xarray()
    many = solved(19)
    half = many.to_xarray()["quantile"].sel(probability=0.5)
    torch.testing.assert_close(torch.from_numpy(half.values), many.quantiles([0.5])[0].transpose(1, 2))


def test_modes_are_saved_too(solution, tmp_path):
    with xarray.open_dataset(solution.save(tmp_path / "solution.nc"), engine="h5netcdf") as data:
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
        assert "mean" in data


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


def same(one, two):
    for field in attrs.fields(iv.Solution):
        a, b = getattr(one, field.name), getattr(two, field.name)
        if field.name == "trace":
            assert set(a) == set(b)
            assert all(torch.equal(a[name], b[name]) and a[name].dtype == b[name].dtype for name in a)
        elif field.name == "verdict":
            assert a.remarks == b.remarks
            assert all(torch.equal(getattr(a, n), getattr(b, n)) for n in ("chi_square", "diverged", "reversible"))
        elif isinstance(a, torch.Tensor):
            assert a.dtype == b.dtype
            assert torch.equal(a.nan_to_num(nan=-7.0), b.nan_to_num(nan=-7.0))
        else:
            assert a == b, field.name


@pytest.mark.parametrize("name", ["solution.nc", "solution.zarr"])
def test_a_solution_comes_back_bit_for_bit(solution, tmp_path, name):
    double = attrs.evolve(
        solution,
        video=solution.video.double() / 3,
        latent=torch.where(solution.latent > 0.5, torch.nan, solution.latent),
        verdict=judged(solution, True).with_remarks(('Two words: "näher", π.',)),
        references=("@misc{a, title={B}}",),
        seconds=1 / 3,
    )
    assert double.save(tmp_path / name) == tmp_path / name
    same(iv.Solution.load(tmp_path / name), double)
    same(iv.Solution.from_xarray(double.to_xarray()), double)
    plain = attrs.evolve(solution, space=attrs.evolve(solution.space, frame_rate=None))
    same(iv.Solution.from_xarray(plain.to_xarray()), plain)


def test_zarr_is_consolidated_and_opens_with_xarray_alone(solution, tmp_path):
    path = solution.save(tmp_path / "solution.zarr")
    assert (path / ".zmetadata").is_file()
    with xarray.open_dataset(path, engine="zarr", consolidated=True, chunks=None) as data:
        assert data["video"].sel(channel="green").dims == ("sample", "observation", "frame", "y", "x")
    assert [each.name for each in tmp_path.iterdir()] == ["solution.zarr"]
    with pytest.raises(WriteError, match="exists already"):
        solution.save(path)


def test_what_is_no_solution_is_said(solution, tmp_path):
    with pytest.raises(ReadError, match=r"there is no .*nothing\.nc"):
        iv.Solution.load(tmp_path / "nothing.nc")
    (tmp_path / "text.nc").write_text("text")
    with pytest.raises(ReadError, match=r"text\.nc is not a NetCDF-4 file or a Zarr folder"):
        iv.Solution.load(tmp_path / "text.nc")
    (tmp_path / "empty.zarr").mkdir()
    with pytest.raises(ReadError, match=r"empty\.zarr is not a NetCDF-4 file or a Zarr folder"):
        iv.Solution.load(tmp_path / "empty.zarr")
    data = solution.to_xarray()
    with pytest.raises(ReadError, match=r"is no solution of `Solution\.save`: chi_square is missing"):
        iv.Solution.from_xarray(data.drop_vars("chi_square"))
    with pytest.raises(ReadError, match="holds no latents: runs leave out"):
        iv.Solution.from_xarray(data.drop_vars("latent"))
    with pytest.raises(ReadError, match=r"no solution of `Solution\.save`: 'LOST'"):
        iv.Solution.from_xarray(data.assign_attrs(outcome="LOST"))


def test_zarr_without_its_package_is_one_sentence(solution, tmp_path, monkeypatch):
    monkeypatch.setattr("invsolve.solving.solution_file.find_spec", lambda name: None)
    with pytest.raises(CapabilityError, match=r"pip install 'invsolve\[zarr\]'"):
        solution.save(tmp_path / "solution.zarr")
    assert list(tmp_path.iterdir()) == []


def test_every_sample_is_an_item_of_a_torch_dataset(solution, tmp_path):
    paths = [solution.save(tmp_path / "solution.nc"), solution.save(tmp_path / "solution.zarr")]
    dataset = iv.SolutionDataset(paths)
    assert len(dataset) == 8
    assert torch.equal(dataset[1]["video"], solution.video[0, 1])
    assert torch.equal(dataset[-2]["video"], solution.video[1, 0])
    assert {name: int(dataset[6][name]) for name in ("sample", "observation")} == {"sample": 1, "observation": 0}
    (batch,) = torch.utils.data.DataLoader(iv.SolutionDataset(str(paths[0])), batch_size=4)
    assert torch.equal(batch["video"], solution.video.flatten(0, 1))
    with pytest.raises(IndexError, match="no item 8 among 8"):
        dataset[8]
    (tmp_path / "text.nc").write_text("text")
    with pytest.raises(ReadError, match=r"text\.nc is not"):
        len(iv.SolutionDataset(tmp_path / "text.nc"))
