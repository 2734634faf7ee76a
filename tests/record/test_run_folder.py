import pytest

from invsolve.errors import ReadError, WriteError
from invsolve.record import RunFolder


def test_it_is_partial_until_finished(tmp_path):
    folder = RunFolder.create(tmp_path / "runs", "blur", "0a1b2c3d")
    assert folder.path.parent == tmp_path / "runs" / "blur"
    assert folder.path.name.endswith("Z-0a1b2c3d.partial")
    assert folder.state == "partial"
    (folder.path / "file").touch()
    finished = folder.finish()
    assert finished.state == "finished"
    assert (finished.path / "file").exists()
    assert not folder.path.exists()


def test_failed_is_for_good(tmp_path):
    failed = RunFolder.create(tmp_path, "blur", "0a1b2c3d").fail()
    assert failed.state == "failed"
    assert RunFolder.newest(tmp_path, "blur", "0a1b2c3d", "partial") is None


def test_runs_of_one_second_have_names_of_their_own(tmp_path):
    folders = [RunFolder.create(tmp_path, "blur", "0a1b2c3d") for _ in range(3)]
    finished = {folder.finish().path for folder in folders[::-1]}
    assert len(finished) == 3
    assert all(path.suffix == "" for path in finished)


def test_the_newest_of_this_problem_only(tmp_path):
    for name in ("20260101T000000Z-aaaaaaaa", "20260102T000000Z-aaaaaaaa.partial", "20260103T000000Z-bbbbbbbb.partial"):
        (tmp_path / "blur" / name).mkdir(parents=True)
    newest = RunFolder.newest(tmp_path, "blur", "aaaaaaaa", "partial")
    assert newest.path.name == "20260102T000000Z-aaaaaaaa.partial"
    assert RunFolder.newest(tmp_path, "blur", "aaaaaaaa", "finished").path.name == "20260101T000000Z-aaaaaaaa"
    assert RunFolder.newest(tmp_path, "other", "aaaaaaaa", "partial") is None


def test_a_finished_run_is_not_overwritten(tmp_path):
    folder = RunFolder.create(tmp_path, "blur", "0a1b2c3d")
    folder.path.with_suffix("").mkdir()
    with pytest.raises(WriteError, match="exists already"):
        folder.finish()
    assert folder.path.is_dir()


def test_one_process_at_a_time(tmp_path):
    folder = RunFolder.create(tmp_path, "blur", "0a1b2c3d")
    with folder.locked(), pytest.raises(WriteError, match="another process"), folder.locked():
        pass
    with folder.locked():
        pass


def test_open_finds_the_newest(tmp_path):
    for name in ("a/20260101T000000Z-aaaaaaaa", "b/20260102T000000Z-aaaaaaaa"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "provenance.json").touch()
    assert RunFolder.open(tmp_path).path.name == "20260102T000000Z-aaaaaaaa"
    assert RunFolder.open(tmp_path / "a").path.name == "20260101T000000Z-aaaaaaaa"
    assert RunFolder.open(tmp_path / "a" / "20260101T000000Z-aaaaaaaa").path.parent.name == "a"
    with pytest.raises(ReadError):
        RunFolder.open(tmp_path / "nowhere")
