"""A solution saved as Zarr has its name when all of it is on the disk, and not before."""

import os
import shutil

import pytest
import torch

import invsolve as iv
from invsolve.testing.small import small_problem
from invsolve_samplers import DDIMKernel, Diffusion, PiGDMGuidance
from tests.reliability.child import in_child
from tests.reliability.recorder import Recorder, recorded

pytest.importorskip("zarr")


def test_a_store_is_whole_whenever_the_power_fails(tmp_path):
    sampler = Diffusion(kernel=DDIMKernel(), guidance=PiGDMGuidance(), steps=2)
    solution = iv.solve(small_problem(), sampler, seed=0, samples=2)
    for name in ("at", "blobs"):
        (tmp_path / name).mkdir()

    def save():
        os.chdir(tmp_path / "at")
        recorder = Recorder(tmp_path / "at", tmp_path / "blobs")
        recorder.start()
        solution.save(tmp_path / "at" / "solution.zarr")
        recorder.look()
        recorder.keep(tmp_path / "recorded.json")
        return True

    ended = in_child(save, tmp_path)
    assert ended.value, ended
    snapshots = recorded(tmp_path / "recorded.json")
    assert len(snapshots) > 10
    finished = [snapshot for snapshot in snapshots if "solution.zarr" in snapshot.folders]
    assert finished
    for snapshot in finished:
        store = {name: held for name, held in snapshot.files.items() if name.startswith("solution.zarr/")}
        assert [name for name, (_, safe) in store.items() if not safe] == []
        at = tmp_path / "cut"
        for name in snapshot.folders:
            (at / name).mkdir(parents=True)
        for name, (digest, _) in store.items():
            shutil.copyfile(tmp_path / "blobs" / digest, at / name)
        found = iv.Solution.load(at / "solution.zarr")
        torch.testing.assert_close(found.video, solution.video, rtol=0, atol=0)
        shutil.rmtree(at)
