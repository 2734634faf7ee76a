"""`Checkpoint`: a run on disk, to be resumed bit for bit."""

import hashlib
import json
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, final

import attrs
import torch
from torch import Tensor

from invsolve.errors import ReadError, RunFailed, UsageError, WriteError
from invsolve.files.tensor_file import read_tensors, require_seal, write_tensors
from invsolve.parts import files_of
from invsolve.problem import Problem
from invsolve.sampler import Sampler
from invsolve.solving.state_tree import Skeleton, flatten, restore
from invsolve.validators import as_path, number

FORMAT: Final = "invsolve-checkpoint-2"
WAY_OUT: Final = "Delete it to start again."


@final
@attrs.frozen
class Checkpoint:
    """The place and interval of a run's savings.

    If the file exists when the run starts, the run goes on from there; a file of another problem is refused.

    Attributes:
        path: a safetensors file; it is written to a temporary name and renamed, so that it is always whole.
        every_seconds: least time between two savings [s]; 0 saves after every step.
    """

    path: Path = attrs.field(converter=as_path)
    every_seconds: float = attrs.field(default=15.0, validator=number(least=0.0))


@final
@attrs.frozen(eq=False)
class Saved:
    """The content of a checkpoint: position and state of the run, and the results of the chunks already finished.

    Attributes:
        chunk: the chunk at work, and how many of its steps are done.
        step: the chunk at work, and how many of its steps are done.
        state: the sampler's.
        trace: what the chunk at work has recorded.
        finished: latents and traces of the chunks before it.
        finished_traces: latents and traces of the chunks before it.
    """

    chunk: int
    step: int
    state: Any
    trace: Mapping[str, Tensor]
    finished: tuple[Tensor, ...]
    finished_traces: tuple[Mapping[str, Tensor], ...]


def fingerprint(problem: Problem, sampler: Sampler[Any], facts: Mapping[str, object]) -> str:
    """SHA-256 of everything that decides the result: parts, the files they read, observation, seed, samples, chunks."""
    digest = hashlib.sha256()
    parts = (problem.operator, problem.prior, problem.noise, problem.space, sampler)
    for text in (*map(repr, parts), json.dumps(dict(facts), sort_keys=True)):
        # A class without a repr of its own shows its address, which is another in every process.
        digest.update(re.sub(r" at 0x[0-9a-f]+", "", text).encode() + b"\0")
    for _, sha256 in files_of(parts):
        digest.update(bytes.fromhex(sha256))
    for tensor in (problem.observation, problem.condition):
        if tensor is not None:
            digest.update(f"{tensor.dtype}{tuple(tensor.shape)}".encode())
            digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


@final
@attrs.define(eq=False)
class CheckpointFile:
    """Reads and writes one checkpoint; knows when the next saving is due.

    Attributes:
        checkpoint: where, and how often.
        identity: the `fingerprint` of the run.
    """

    checkpoint: Checkpoint
    identity: str
    _last: float = attrs.field(factory=time.monotonic, init=False)

    def load(self, template: Callable[[], object], device: torch.device) -> Saved | None:
        """The saved run, or None if there is no file yet.

        Args:
            template: makes a state like the saved one, which is asked for only where there is a file.
            device: where the tensors go.

        Raises:
            ReadError: for a file that is damaged or foreign.
            UsageError: for one of another problem.
            WriteError: where there is no folder for it: better now than at the first saving.
        """
        path = self.checkpoint.path
        if not path.exists():
            if not path.parent.is_dir():
                raise WriteError(f"the checkpoint {path} cannot be written: make its folder {path.parent} first.")
            return None
        file = read_tensors(path, "a checkpoint", WAY_OUT)
        if not file.facts.get("format", "").startswith("invsolve-checkpoint-"):
            raise ReadError(f"{path} is a safetensors file, but not a checkpoint of a run; give another path.")
        require_seal(file, path, WAY_OUT)
        if file.facts["fingerprint"] != self.identity:
            raise UsageError(
                f"{path} belongs to another run (its problem, sampler, seed, samples or chunk differ); give another "
                "path, or delete it to start again."
            )
        skeleton = json.loads(file.facts["skeleton"])
        restored = restore(skeleton, dict(file.tensors), {"state": template()}, device)
        return Saved(**restored)

    def due(self) -> bool:
        """True if enough time went by since the last saving."""
        return time.monotonic() - self._last >= self.checkpoint.every_seconds

    def save(self, saved: Saved) -> None:
        """Write the file whole; raises `RunFailed` if the disk does not take it."""
        tensors: dict[str, Tensor] = {}
        skeleton: Skeleton = {
            "kind": "dict",
            "items": {
                field.name: flatten(getattr(saved, field.name), field.name, tensors) for field in attrs.fields(Saved)
            },
        }
        facts = {"format": FORMAT, "fingerprint": self.identity, "skeleton": json.dumps(skeleton)}
        path = self.checkpoint.path
        try:
            write_tensors(path, tensors, facts, advice="Choose another folder.")
        except (WriteError, RunFailed) as error:
            raise RunFailed(f"the checkpoint {error}") from None
        self._last = time.monotonic()

    def remove(self) -> None:
        """Delete the file: the run has ended well and its results are elsewhere."""
        self.checkpoint.path.unlink(missing_ok=True)
