import numpy as np
import pytest
import torch
import xarray as xr

from invsolve.errors import ComponentError, ReadError, SpaceError, WriteError
from invsolve.media import NetCDFReader, NpzReader, ReadContext, Recording, write_dataset
from invsolve.media.dataset import recording_dataset
from invsolve.video.space import VideoSpace

CONTEXT = ReadContext()
CLIP = np.random.default_rng(0).random((4, 5, 6, 3), dtype=np.float32)


def npz(tmp_path, **arrays):
    path = tmp_path / "clip.npz"
    np.savez(path, **arrays)
    return path


def test_an_array_in_its_order(tmp_path):
    recording = NpzReader(path=npz(tmp_path, clip=CLIP), frame_rate=30.0, transfer="linear").read(CONTEXT)
    assert recording.space == VideoSpace(4, 5, 6, 3, frame_rate=30.0, transfer="linear")
    np.testing.assert_array_equal(recording.video[0].permute(1, 2, 3, 0), CLIP)


@pytest.mark.parametrize("axes", ["t h w c", "c t h w", "h w c t", "w h t c", "b t c h w", "c h w b t"])
def test_any_order_of_axes(tmp_path, axes):
    names = axes.split()
    array = CLIP if "b" not in names else CLIP[None]
    source = ["b", "t", "h", "w", "c"][0 if "b" in names else 1 :]
    path = npz(tmp_path, clip=array.transpose([source.index(name) for name in names]))
    np.testing.assert_array_equal(NpzReader(path=path, axes=axes).read(CONTEXT).video[0].permute(1, 2, 3, 0), CLIP)


@pytest.mark.parametrize(
    ("axes", "shape"), [("h w", (1, 1, 1, 5, 6)), ("h w c", (1, 3, 1, 5, 6)), ("t h w", (1, 1, 4, 5, 6))]
)
def test_axes_left_out_have_size_one(tmp_path, axes, shape):
    array = CLIP[(slice(None) if "t" in axes else 0, ..., slice(None) if "c" in axes else 0)]
    assert NpzReader(path=npz(tmp_path, a=array), axes=axes).read(CONTEXT).video.shape == shape


@pytest.mark.parametrize("axes", ["t h w x", "t h", "h w w", "thwc"])
def test_axes_without_sense(tmp_path, axes):
    with pytest.raises(ComponentError, match=r"axes must name h, w"):
        NpzReader(path=tmp_path / "a.npz", axes=axes)


def test_wrong_axes(tmp_path):
    with pytest.raises(ReadError, match=r"shape \(4, 5, 6, 3\), which is not 'h w'"):
        NpzReader(path=npz(tmp_path, a=CLIP), axes="h w").read(CONTEXT)
    with pytest.raises(ReadError, match=r"4 channels, not 1 or 3"):
        NpzReader(path=npz(tmp_path, a=CLIP), axes="c h w t").read(CONTEXT)


@pytest.mark.parametrize(("kind", "highest"), [(np.uint8, 255), (np.uint16, 65535)])
def test_integers_are_scaled(tmp_path, kind, highest):
    array = np.array([[0, 1, highest]], dtype=kind)
    video = NpzReader(path=npz(tmp_path, a=array), axes="h w").read(CONTEXT).video
    np.testing.assert_allclose(video.flatten(), [0, 1 / highest, 1], rtol=1e-6)


def test_signed_integers_are_refused(tmp_path):
    with pytest.raises(ReadError, match=r"numbers of type int64"):
        NpzReader(path=npz(tmp_path, a=np.zeros((2, 3), np.int64)), axes="h w").read(CONTEXT)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite(tmp_path, bad):
    array = CLIP.copy()
    array[1, 2, 3, 0] = bad
    with pytest.raises(ReadError, match=r"1 NaN or infinite of 360 values, the first at index \(1, 2, 3, 0\)"):
        NpzReader(path=npz(tmp_path, a=array)).read(CONTEXT)


def test_values_outside(tmp_path):
    path = npz(tmp_path, a=CLIP * 3 - 1)
    with pytest.raises(ReadError, match=r"values in \[-0\.99\d+, 1\.9\d+\], expected \[0, 1\].*outside: keep"):
        NpzReader(path=path).read(CONTEXT)
    kept = NpzReader(path=path, outside="keep").read(CONTEXT).video
    np.testing.assert_array_equal(kept[0].permute(1, 2, 3, 0), CLIP * 3 - 1)
    clipped = NpzReader(path=path, outside="clip").read(CONTEXT).video
    np.testing.assert_array_equal(clipped[0].permute(1, 2, 3, 0), (CLIP * 3 - 1).clip(0, 1))


def test_rounding_is_not_outside(tmp_path):
    video = NpzReader(path=npz(tmp_path, a=np.array([[1.0005, -0.0005]])), axes="h w").read(CONTEXT).video
    assert video.flatten().tolist() == [1.0, 0.0]


def test_keys(tmp_path):
    path = npz(tmp_path, first=CLIP, second=CLIP)
    with pytest.raises(ReadError, match=r"several arrays. Write `key:` one of first \(4, 5, 6, 3\), second"):
        NpzReader(path=path).read(CONTEXT)
    with pytest.raises(ReadError, match=r"no array 'secnd'\. Did you mean 'second'"):
        NpzReader(path=path, key="secnd").read(CONTEXT)
    assert NpzReader(path=path, key="second").read(CONTEXT).truth is None


def test_the_truth_comes_along(tmp_path):
    recording = NpzReader(path=npz(tmp_path, observed=CLIP[:1], truth=CLIP)).read(CONTEXT)
    assert recording.space.frames == 1
    assert recording.truth_space.frames == 4


def test_npy_and_what_is_neither(tmp_path):
    np.save(tmp_path / "a.npy", CLIP)
    assert NpzReader(path=tmp_path / "a.npy").read(CONTEXT).space.frames == 4
    np.save(tmp_path / "b.npy", np.array([{"code": 1}], dtype=object), allow_pickle=True)
    (tmp_path / "c.npz").write_bytes(b"PK\x03\x04 not really")
    (tmp_path / "d.npz").write_bytes(npz(tmp_path, a=CLIP).read_bytes()[:500])
    (tmp_path / "e.npz").write_text("text")
    for name in ("b.npy", "c.npz", "d.npz", "e.npz"):
        with pytest.raises(ReadError, match=r"not a NumPy archive"):
            NpzReader(path=tmp_path / name).read(CONTEXT)
    with pytest.raises(ReadError, match=r"does not exist"):
        NpzReader(path=tmp_path / "f.npz").read(CONTEXT)
    np.savez(tmp_path / "g.npz")
    with pytest.raises(ReadError, match=r"holds no arrays"):
        NpzReader(path=tmp_path / "g.npz").read(CONTEXT)


@pytest.fixture
def recording():
    video = torch.randn(1, 3, 2, 5, 6, generator=torch.Generator().manual_seed(0))
    truth = torch.rand(1, 3, 4, 7, 8, generator=torch.Generator().manual_seed(1))
    space = VideoSpace(2, 5, 6, 3, frame_rate=30.0, transfer="linear")
    return Recording(
        video=video,
        space=space,
        name="a",
        sha256="0" * 64,
        truth=truth,
        truth_space=VideoSpace(4, 7, 8, 3, 60.0, "srgb"),
    )


def test_netcdf_round_trip(tmp_path, recording):
    write_dataset(tmp_path / "a.nc", recording_dataset(recording))
    read = NetCDFReader(path=tmp_path / "a.nc", outside="keep").read(CONTEXT)
    torch.testing.assert_close(read.video, recording.video, rtol=0, atol=0)
    torch.testing.assert_close(read.truth, recording.truth, rtol=0, atol=0)
    assert read.space == recording.space
    assert read.truth_space == recording.truth_space


def test_netcdf_labels(recording):
    dataset = recording_dataset(recording)
    assert dataset["observed"].dims == ("observation", "frame", "channel", "y", "x")
    np.testing.assert_allclose(dataset["observed"].coords["time"], [0, 1 / 30])
    np.testing.assert_allclose(dataset["truth"].coords["truth_time"], np.arange(4) / 60)


def test_noise_outside_of_the_range_must_be_meant(tmp_path, recording):
    write_dataset(tmp_path / "a.nc", recording_dataset(recording))
    with pytest.raises(ReadError, match=r"outside: keep"):
        NetCDFReader(path=tmp_path / "a.nc").read(CONTEXT)


def test_a_sample_of_a_solution(tmp_path):
    samples = torch.rand(3, 2, 4, 5, generator=torch.Generator().manual_seed(0))
    xr.Dataset({"video": (("sample", "frame", "y", "x"), samples.numpy())}).to_netcdf(
        tmp_path / "a.nc", engine="h5netcdf"
    )
    read = NetCDFReader(path=tmp_path / "a.nc", sample=1).read(CONTEXT)
    assert torch.equal(read.video[0, 0], samples[1])
    assert read.space.transfer == "unknown"
    with pytest.raises(ReadError, match=r"has 3 samples; there is no sample 3"):
        NetCDFReader(path=tmp_path / "a.nc", sample=3).read(CONTEXT)


def test_netcdf_that_is_none(tmp_path):
    path = tmp_path / "a.nc"
    with pytest.raises(ReadError, match=r"does not exist"):
        NetCDFReader(path=path).read(CONTEXT)
    path.write_text("hello")
    with pytest.raises(ReadError, match=r"not a NetCDF-4 file"):
        NetCDFReader(path=path).read(CONTEXT)


def test_netcdf_cut_short(tmp_path, recording):
    path = tmp_path / "a.nc"
    write_dataset(path, recording_dataset(recording))
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(ReadError, match=r"damaged"):
        NetCDFReader(path=path).read(CONTEXT)


def test_netcdf_of_another_kind(tmp_path):
    xr.Dataset({"heat": (("lat", "lon"), np.zeros((3, 4)))}).to_netcdf(tmp_path / "a.nc", engine="h5netcdf")
    with pytest.raises(ReadError, match=r"axes \('lat', 'lon'\), expected observation, frame, channel, y, x"):
        NetCDFReader(path=tmp_path / "a.nc").read(CONTEXT)
    with pytest.raises(ReadError, match=r"no variable 'heaty'. Did you mean 'heat'"):
        NetCDFReader(path=tmp_path / "a.nc", variable="heaty").read(CONTEXT)


def test_netcdf_is_not_overwritten(tmp_path, recording):
    write_dataset(tmp_path / "a.nc", recording_dataset(recording))
    with pytest.raises(WriteError, match=r"exists already"):
        write_dataset(tmp_path / "a.nc", recording_dataset(recording))


def test_a_recording_fits_its_space():
    with pytest.raises(SpaceError, match=r"width is 6, expected 7"):
        Recording(video=torch.zeros(1, 3, 2, 5, 6), space=VideoSpace(2, 5, 7), name="a", sha256="")
