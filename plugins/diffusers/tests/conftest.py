import shutil
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path

import pytest
from torch.profiler import ProfilerActivity, profile

from invsolve_diffusers.network.placement import Placement
from invsolve_diffusers.priors.diffusers import Diffusers
from invsolve_diffusers.tiny.factory import write_tiny

Tiny = Callable[[str], Path]


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    """The folder of a tiny checkpoint, written once."""
    written: dict[str, Path] = {}

    def folder(name: str) -> Path:
        if name not in written:
            written[name] = write_tiny(name, tmp_path_factory.mktemp("tiny") / name)
        return written[name]

    return folder


@pytest.fixture
def copied(tiny: Tiny, tmp_path: Path) -> Tiny:
    """A tiny checkpoint that a test may spoil."""
    return lambda name: shutil.copytree(tiny(name), tmp_path / name)


@pytest.fixture(scope="session")
def prior(tiny: Tiny) -> Callable[..., Diffusers]:
    """A prior of a tiny checkpoint under a placement, made once; the plain one keeps everything."""
    made: dict[object, Diffusers] = {}

    def get(name: str, **placement: object) -> Diffusers:
        placed = Placement(**{"decoder_checkpointing": "none", **placement})
        told = "7" if name.endswith("classes") else ""
        return made.setdefault((name, placed), Diffusers(str(tiny(name)), prompt=told, placement=placed))

    return get


@pytest.fixture
def peak_allocated() -> Callable[[Callable[[], object]], int]:
    """The most bytes that the CPU's allocator handed out during a call, scratch memory of operations included."""

    def measure(run: Callable[[], object]) -> int:
        with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as record:
            run()
        events = [event for event in record.profiler.kineto_results.events() if event.name() == "[memory]"]
        held = accumulate(event.nbytes() for event in sorted(events, key=lambda event: event.start_ns()))
        return max(held)

    return measure
