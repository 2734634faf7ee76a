"""Jobs: a preview, a run, the same run as YAML and as Python; cancelled, refused, killed, queued."""

import json
import threading
import time
import zipfile
from collections.abc import Callable
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any, final

import pytest
import xarray as xr

from invsolve.media.clip import count_frames
from invsolve.recipe import load_one
from invsolve.recipe.dumping import dumped
from invsolve_studio.desk import Desk, Job
from invsolve_studio.draft import Draft
from invsolve_studio.events import Cancelled, Done, Event, Failed, Moved, Result, Waiting
from invsolve_studio.limits import Limits
from invsolve_studio.order import Command, Order, Solve
from invsolve_studio.situation import SITUATIONS

Carry = Callable[[Order], Any]
SLOW = {
    "operator": {"use": "convolution", "kernel": "gaussian", "std": 1.0},
    "prior": {"use": "spectral_gaussian"},
    "sampler": {"use": "diffusion", "steps": 1000},
}


def quick(situation: str, taken: Callable[[Path], Any], path: Path, **more: Any) -> tuple[str, Path]:
    """A recipe for a file in few steps, and the folder of the file."""
    upload = taken(path).result
    data = {**SITUATIONS[situation].draft(upload), "samples": 1, **more}
    if data["sampler"].get("steps"):
        data["sampler"] = {**data["sampler"], "steps": 2}
    return dumped(data), upload.path.parent


def solve(text: str, folder: Path, tmp_path: Path, preview: bool = False, limits: Limits | None = None) -> Solve:
    return Solve(text, folder, tmp_path / "runs", (), limits or Limits(), preview)


def test_a_run_and_the_same_run_again_in_python_and_in_yaml(
    done: Carry, taken: Any, picture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, folder = quick("kernel", taken, picture, outputs=["solution", "frames"])
    result: Result = done(solve(text, folder, tmp_path)).result
    assert result.folder is not None
    assert result.folder.parent.name == "holiday"
    written = json.loads((result.folder / "provenance.json").read_text())
    assert written["outcome"] == "DONE"
    assert result.before.is_file()
    assert result.after.is_file()
    assert result.restored is None
    with zipfile.ZipFile(result.archive) as archive:
        assert {f"{result.folder.name}/{name}" for name in ("solution.nc", "resolved.yaml")} <= set(archive.namelist())
    assert result.table[0][1:] == ("chi-square",)
    assert "finished after 2 steps" in result.remarks[0]
    # beside the visitor's file, both say the same problem
    (folder / "same.yaml").write_text(result.recipe)
    assert str(tmp_path) not in result.recipe + result.python
    assert load_one(folder / "same.yaml").hash8 == load_one(result.folder).hash8
    monkeypatch.chdir(folder)
    names: dict[str, Any] = {}
    exec(compile(result.python, "same.py", "exec"), names)
    again = xr.load_dataset(names["done"].folder.path / "solution.nc")
    first = xr.load_dataset(result.folder / "solution.nc")
    assert again.video.equals(first.video)


def test_unknown_motion_is_previewed_under_its_own_prior(
    done: Carry, taken: Any, picture: Path, tmp_path: Path
) -> None:
    upload = taken(picture).result
    draft = Draft(command="deblur")
    last = done(draft.order(upload, upload.path.parent, tmp_path / "runs", Limits(), True))
    assert isinstance(last, Done), last
    assert count_frames(last.result.restored) == 7


def test_a_preview_of_a_clip_leaves_no_run(done: Carry, taken: Any, clip: Path, tmp_path: Path) -> None:
    text, folder = quick("exposure", taken, clip)
    result: Result = done(solve(text, folder, tmp_path, preview=True)).result
    assert result.folder is None
    assert result.restored is not None
    assert result.observed is not None
    assert sorted(path.name for path in (tmp_path / "runs").rglob("*.*")) == [
        "after.png", "before.png", "observed.mp4", "restored.mp4",
    ]  # fmt: skip
    assert sorted(path.name for path in folder.iterdir()) == ["walk.mp4"]


def test_frames_between_frames(done: Carry, taken: Any, clip: Path, tmp_path: Path) -> None:
    text, folder = quick("interpolate", taken, clip)
    result = done(solve(text, folder, tmp_path, preview=True)).result
    assert count_frames(result.restored) == 9
    assert count_frames(result.observed) == 5


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"samples": 1000}, "samples: 1000; the studio draws at most 16"),
        ({"input": {"read": "image", "path": "/etc/passwd"}}, "input.path: '/etc/passwd'"),
        ({"input": {"read": "frames", "path": ".."}}, "input.path: '..'"),
        ({"extends": "../secret.yaml"}, "extends: '../secret.yaml'"),
        ({"operator": {"use": "convolution", "kernel": "gaussian", "std": -1.0}}, "std"),
        ({"prior": {"use": "no_such_prior"}}, "no installed plugin offers a prior"),
        ({"prior": {"use": "diffusers", "path": "owner/model"}}, "prior.path: 'owner/model'"),
    ],
)
def test_what_a_visitor_may_not_is_one_message(
    change: dict[str, Any], said: str, done: Carry, taken: Any, picture: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret.yaml").write_text("secret: [")
    text, folder = quick("kernel", taken, picture, **change)
    last = done(solve(text, folder, tmp_path))
    assert isinstance(last, Failed)
    assert said in last.message
    assert not any(word in last.message for word in ("Traceback", "not valid YAML", str(tmp_path)))
    assert not (tmp_path / "runs").exists()


def test_text_that_is_no_recipe(done: Carry, taken: Any, picture: Path, tmp_path: Path) -> None:
    _, folder = quick("kernel", taken, picture)
    for text in ("", "a: [", "- 1", "!!python/object:os.system {}"):
        assert "holiday.yaml" in done(solve(text, folder, tmp_path)).message


def test_a_command_of_a_plugin_gets_the_file_and_no_other_option(
    done: Carry, taken: Any, picture: Path, tmp_path: Path
) -> None:
    path = taken(picture).result.path
    for options in ({"weights": "/etc/passwd"}, {"out": "/tmp"}, {"anyway": True}, {"photo": "/etc/passwd"}):
        last = done(Command("deblur", path, options, tmp_path / "runs", Limits()))
        assert "has no option" in last.message


def test_a_cancelled_job_is_gone_at_once(desk: Desk, taken: Any, picture: Path, tmp_path: Path) -> None:
    text, folder = quick("kernel", taken, picture)
    slow = dumped({"recipe": 1, "input": {"read": "image", "path": "holiday.png"}, **SLOW})
    job = Job(solve(slow, folder, tmp_path))
    seen: list[Event] = []
    for event in desk.events(job):
        seen.append(event)
        if isinstance(event, Moved) and event.step:
            job.cancel()
            cancelled = time.monotonic()
    assert isinstance(seen[-1], Cancelled)
    assert time.monotonic() - cancelled < 5
    assert isinstance(list(desk.events(Job(solve(text, folder, tmp_path, preview=True))))[-1], Done)


def test_time_and_memory_are_bounded(taken: Any, picture: Path, tmp_path: Path) -> None:
    _, folder = quick("kernel", taken, picture)
    slow = dumped({"recipe": 1, "input": {"read": "image", "path": "holiday.png"}, **SLOW})
    for limits, said in ((Limits(seconds=1.0), "stopped after 1 s"), (Limits(memory_bytes=10**6), "of memory")):
        last = list(Desk(limits).events(Job(solve(slow, folder, tmp_path, limits=limits))))[-1]
        assert isinstance(last, Failed)
        assert said in last.message


def test_one_at_a_time_in_the_order_of_coming(taken: Any, picture: Path, tmp_path: Path) -> None:
    text, folder = quick("kernel", taken, picture)
    desk = Desk(Limits(waiting=1))
    slow = dumped({"recipe": 1, "input": {"read": "image", "path": "holiday.png"}, **SLOW})
    first = Job(solve(slow, folder, tmp_path))
    events = desk.events(first)
    assert not isinstance(next(events), Failed)
    waiting: list[Event] = []
    other = Job(solve(text, folder, tmp_path, preview=True))
    thread = threading.Thread(target=lambda: waiting.extend(desk.events(other)))
    thread.start()
    while not waiting:
        time.sleep(0.02)
    assert waiting == [Waiting(1)]
    third = list(desk.events(Job(solve(text, folder, tmp_path))))
    assert isinstance(third[0], Failed)
    assert "2 jobs are waiting already" in third[0].message
    events.close()  # whoever stops listening gives up
    thread.join()
    assert isinstance(waiting[-1], Done)


@final
class Exhausted(ForkServerContext):
    """A system that has no room for another process."""

    class Process(ForkServerProcess):
        def start(self) -> None:
            raise OSError("Cannot allocate memory")


def test_where_no_process_can_be_started_that_is_said(tmp_path: Path) -> None:
    events = list(Desk(context=Exhausted()).events(Job(solve("recipe: 1", tmp_path, tmp_path))))
    assert [type(event) for event in events] == [Failed]
    assert "starts no further process for the studio (Cannot allocate memory)" in events[0].message
