"""`Subject`: work that can be stopped and gone on with, and what it should come to."""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, final

import attrs
import numpy as np
import torch
import xarray as xr
from safetensors.torch import load_file

from tests.reliability.child import in_child
from tests.reliability.command import command
from tests.reliability.furniture import furnished


@final
@attrs.frozen
class Subject:
    """A command that is stopped, and the one that goes on.

    Attributes:
        words: the two commands.
        resume: the two commands.
        finished: the folder of the results, as a pattern.
        results: the files of a folder that hold what was computed.
    """

    name: str
    words: tuple[str, ...]
    resume: tuple[str, ...]
    finished: str
    results: Callable[[Path], Iterator[Path]]

    def digest(self, folder: Path) -> str:
        """One hash of every number that was computed; empty without a result."""
        digest, files = hashlib.sha256(), sorted(self.results(folder))
        for path in files:
            for name, array in sorted(_arrays(path).items()):
                digest.update(f"{name} {array.dtype} {array.shape}".encode())
                digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest() if files else ""

    def wrong(self, folder: Path, reference: str) -> str:
        """What is wrong with a folder in which the work was finished after a mishap; empty if nothing."""
        found = self.digest(folder)
        if found != reference:
            return "no result" if not found else "other numbers than without the mishap"
        kept = [path for path in folder.rglob("*.partial*") if "runs" in path.parts]
        return f"{kept[0].relative_to(folder)} is left" if kept else ""


@final
@attrs.frozen
class Reference:
    """A subject done without a mishap: its digest, the processor time it took [s], and the bytes that it wrote."""

    subject: Subject
    digest: str
    cpu_seconds: float
    size: int

    @classmethod
    def of(cls, subject: Subject, home: Path, scratch: Path) -> "Reference":
        """Do the work once in a fork, in a copy of `home`."""
        at = scratch / f"reference_{subject.name}"
        shutil.rmtree(at, ignore_errors=True)
        shutil.copytree(home, at)
        before = tree_size(at)

        def work() -> Any:
            os.chdir(at)
            started = time.process_time()
            ended = command(*subject.words, cpu_seconds=600)
            return {"code": ended.code, "shown": ended.shown, "seconds": time.process_time() - started}

        ended = in_child(work, scratch, seconds=900, cpu_seconds=600)
        assert not ended.lost, ended
        assert ended.value["code"] in (0, 3), ended.value["shown"]  # 3: few draws prove nothing
        reference = cls(subject, subject.digest(at), ended.value["seconds"], tree_size(at) - before)
        shutil.rmtree(at)
        assert reference.digest, subject.name
        return reference


def reference(home: Path, subject: Subject) -> Reference:
    """The work done once; kept in a file of `home`, where the processes of later trials find it."""
    kept = home / f"reference_{subject.name}.json"
    if not kept.exists():
        made = Reference.of(subject, furnished(home), home)
        kept.write_text(json.dumps([made.digest, made.cpu_seconds, made.size]), encoding="utf-8")
    return Reference(subject, *json.loads(kept.read_text(encoding="utf-8")))


def tree_size(folder: Path) -> int:
    """Bytes in all files of a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _arrays(path: Path) -> dict[str, Any]:
    if path.suffix == ".safetensors":
        return {name: tensor.contiguous().view(torch.uint8).numpy() for name, tensor in load_file(path).items()}
    if path.suffix == ".json":
        return {"text": np.frombuffer(json.dumps(_timeless(json.loads(path.read_bytes()))).encode(), np.uint8)}
    with xr.open_dataset(path, engine="h5netcdf") as dataset:
        return {str(name): array.values for name, array in dataset.data_vars.items() if "second" not in str(name)}


def _timeless(data: Any) -> Any:
    """Plain data without what differs from run to run."""
    if isinstance(data, dict):
        return {key: _timeless(value) for key, value in data.items() if "second" not in key}
    return data


def _runs(folder: Path) -> Iterator[Path]:
    return (path for path in folder.glob("runs/clip/*/solution.nc") if not path.parent.suffix)


def _evaluations(folder: Path) -> Iterator[Path]:
    yield from folder.glob("runs/evaluation/still/*/clips/*.nc")
    yield from folder.glob("runs/evaluation/still/*/metrics.json")


def _trainings(folder: Path) -> Iterator[Path]:
    return folder.glob("runs/training/autoencoder/model.safetensors")


def _calibrations(folder: Path) -> Iterator[Path]:
    # a finished study is not gone on with but made again
    found = sorted(path for path in folder.glob("calibration/still/*/ranks.json") if not path.parent.suffix)
    yield from found[-1:]


_LITTLE: Final = ("--set", "metrics=[psnr]", "--set", "baselines={}")
_RUN: Final = ("run", "clip.yaml", "--quiet", "--checkpoint-seconds", "0", "--set", "time_limit=600")
_EVALUATE: Final = ("evaluate", "still.yaml", "--folder", "set", "--quiet", "--set", "time_limit=600", *_LITTLE)
_TRAIN: Final = ("train", "autoencoder.yaml", "--quiet")
_CALIBRATE: Final = ("calibrate", "still.yaml", "--draws", "20", "--samples", "3", "--quiet")
SUBJECTS: Final = (
    Subject("run", _RUN, (*_RUN, "--resume"), "runs/clip/*", _runs),
    Subject("evaluation", _EVALUATE, _EVALUATE, "runs/evaluation/still/*", _evaluations),
    Subject("training", _TRAIN, _TRAIN, "runs/training/autoencoder", _trainings),
    Subject("calibration", _CALIBRATE, (*_CALIBRATE, "--resume"), "calibration/still/*", _calibrations),
)
