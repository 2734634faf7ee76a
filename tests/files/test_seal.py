"""Every file of ours knows the hash of its content, and no changed byte of it is read."""

import sys

import pytest
import torch
import xarray as xr

import invsolve as iv
from invsolve.errors import DiskFull, ReadError, WriteError
from invsolve.files.netcdf_file import write_netcdf
from invsolve.files.seal import BLANK, BLOCK, MARK, check_folder, check_seal, seal, seal_folder
from invsolve.files.tensor_file import read_tensors, write_tensors
from invsolve.media import NetCDFReader, ReadContext
from tests.core.parts import StandardNormal, Walk


@pytest.mark.parametrize("before", [0, 1, BLOCK - 81, BLOCK - 70, BLOCK - 3, BLOCK, 2 * BLOCK + 5])
@pytest.mark.parametrize("after", [0, 7, BLOCK])
def test_a_seal_is_found_and_holds_wherever_it_lies(tmp_path, before, after):
    path = tmp_path / "file"
    path.write_bytes(b"a" * before + BLANK.encode() + b"b" * after)
    seal(path)
    assert check_seal(path, "")
    content = bytearray(path.read_bytes())
    assert content[before : before + len(MARK)] == MARK.encode()
    for place in {0, before + len(MARK), len(content) - 1} - set(range(before, before + len(MARK))):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with pytest.raises(ReadError, match=r"is damaged: its content .* Copy it again\."):
            check_seal(path, "Copy it again.")


def test_a_file_without_a_seal_is_said_to_have_none(tmp_path):
    path = tmp_path / "file"
    for content in (b"", b"short", b"a" * (BLOCK + 5)):
        path.write_bytes(content)
        assert not check_seal(path, "")


def unnoticed_changes(content, path, read, every=1):
    """The bytes whose change goes unnoticed; a changed mark leaves the file unsealed, which is noticed."""
    unnoticed = []
    for place in range(0, len(content), every):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0x41]) + content[place + 1 :])
        try:
            if read(path):
                unnoticed.append(place)
        except ReadError:
            pass
    return unnoticed


def test_no_byte_of_a_tensor_file_changes_unnoticed(tmp_path):
    path = tmp_path / "file.safetensors"
    write_tensors(path, {"a": torch.arange(6.0), "b": torch.tensor([1, 2])}, {"fact": "one"})
    assert dict(read_tensors(path, "a file", "").tensors)["b"].tolist() == [1, 2]
    assert unnoticed_changes(path.read_bytes(), path, lambda path: read_tensors(path, "a file", "").sealed) == []


def test_no_byte_of_a_dataset_changes_unnoticed(tmp_path):
    path = tmp_path / "file.nc"
    write_netcdf(path, xr.Dataset({"a": ("x", [1.0, 2.0])}))
    assert xr.open_dataset(path, engine="h5netcdf")["a"].values.tolist() == [1, 2]
    assert unnoticed_changes(path.read_bytes(), path, lambda path: check_seal(path, ""), every=31) == []


def test_a_dataset_that_is_read_and_written_anew_carries_no_seal(tmp_path):
    write_netcdf(tmp_path / "own.nc", xr.Dataset({"a": ("x", [1.0, 2.0])}, attrs={"title": "t"}))
    with xr.open_dataset(tmp_path / "own.nc", engine="h5netcdf") as read:
        assert read.attrs == {"title": "t"}
        read.isel(x=[0]).to_netcdf(tmp_path / "part.nc", engine="h5netcdf")
    assert not check_seal(tmp_path / "part.nc", "")


def test_a_folder_that_lacks_a_file_or_has_one_more_is_damaged(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "0.0").write_bytes(b"chunk")
    (tmp_path / ".zgroup").write_text("{}")
    assert not check_folder(tmp_path, "")
    seal_folder(tmp_path)
    assert check_folder(tmp_path, "")
    (tmp_path / "a" / "0.1").write_bytes(b"more")
    with pytest.raises(ReadError, match="is damaged: its files"):
        check_folder(tmp_path, "")
    (tmp_path / "a" / "0.1").unlink()
    (tmp_path / "a" / "0.0").write_bytes(b"Chunk")
    with pytest.raises(ReadError, match=r"is damaged: its files.* Copy it again\."):
        check_folder(tmp_path, "Copy it again.")


@pytest.mark.skipif(sys.platform == "win32", reason="no limits there")
def test_a_disk_without_room_is_said_as_such(tmp_path):
    import resource

    path = tmp_path / "file.safetensors"
    write_tensors(path, {"a": torch.zeros(2)}, {})
    before, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(DiskFull, match=r"file\.safetensors could not be written: .*Free some space"):
            write_tensors(path, {"a": torch.zeros(1000)}, {})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, hard))
    assert read_tensors(path, "a file", "").tensors["a"].shape == (2,)
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    with pytest.raises(WriteError, match=r"gone/file cannot be written: .*No such file"):
        write_tensors(tmp_path / "gone" / "file", {"a": torch.zeros(2)}, {})


def test_solutions_and_recordings_that_changed_are_not_read(tmp_path):
    y = torch.rand(1, 3, 2, 4, 5, generator=torch.Generator().manual_seed(0))
    solution = iv.solve(iv.Problem(iv.Identity(), y, StandardNormal()), Walk(), seed=0)
    path = solution.save(tmp_path / "solution.nc")
    reader = NetCDFReader(path, outside="keep")
    assert torch.equal(reader.read(ReadContext()).video, solution.video[0])
    content = bytearray(path.read_bytes())
    place = content.find(solution.video.numpy().tobytes()[:16])
    assert place > 0
    content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises(ReadError, match=r"solution\.nc is damaged"):
        reader.read(ReadContext())


@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 0.9, 0.999])
def test_a_damaged_checkpoint_is_refused_with_what_to_do(tmp_path, share):
    y = torch.rand(2, 3, 1, 4, 5, generator=torch.Generator().manual_seed(0))
    problem, path = iv.Problem(iv.Identity(), y, StandardNormal()), tmp_path / "state.safetensors"
    iv.solve(problem, Walk(), seed=0, throw=False, checkpoint=iv.Checkpoint(path, every_seconds=0), time_limit=0.0)
    content = bytearray(path.read_bytes())
    content[int(share * len(content))] ^= 1
    path.write_bytes(content)
    with pytest.raises(ReadError, match="Delete it to start again"):
        iv.solve(problem, Walk(), seed=0, checkpoint=path)


def test_a_checkpoint_without_a_seal_is_refused(tmp_path):
    y = torch.rand(2, 3, 1, 4, 5, generator=torch.Generator().manual_seed(0))
    problem, path = iv.Problem(iv.Identity(), y, StandardNormal()), tmp_path / "state.safetensors"
    iv.solve(problem, Walk(), seed=0, throw=False, checkpoint=iv.Checkpoint(path, every_seconds=0), time_limit=0.0)
    path.write_bytes(path.read_bytes().replace(MARK.encode(), b"invsolve:sha257:"))
    with pytest.raises(ReadError, match="no hash of its content: it is damaged, or of an earlier version"):
        iv.solve(problem, Walk(), seed=0, checkpoint=path)
