"""Abstract `Study`: a kind of mishap, tried many times."""

import abc
from pathlib import Path
from typing import ClassVar

import numpy as np

from tests.reliability.verdict import Verdict


class Study(abc.ABC):
    """A kind of mishap; trial `number` is the same whenever it is made.

    Attributes:
        name: what it is called on the command line and in the table.
        title: what it is called on the command line and in the table.
        goal: trials of the long form.
        short: numbers of the trials of the short form.
        seconds: after which a trial counts as hanging.
        cpu_seconds: after which a trial counts as hanging.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    goal: ClassVar[int]
    short: ClassVar[tuple[int, ...]]
    seconds: ClassVar[float] = 120.0
    cpu_seconds: ClassVar[int] = 60

    @abc.abstractmethod
    def prepare(self, home: Path) -> None:
        """Write what all trials share into `home`, which the studies share; called once, before trials fork."""

    @abc.abstractmethod
    def trial(self, number: int, folder: Path) -> Verdict:
        """Make one trial in the empty `folder`, which is the current directory, in a process of its own."""

    def random(self, number: int) -> np.random.Generator:
        """The generator of a trial."""
        return np.random.default_rng([*self.name.encode(), number])
