"""`CommandLines`: every command with every option, in words that fit and in words that do not."""

import inspect
import shutil
import types
import typing
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, final

import attrs
import numpy as np
from cyclopts import App

from invsolve.plugin import Catalog
from tests.reliability import wild
from tests.reliability.command import command, judged
from tests.reliability.furniture import FILES, RECIPES, TRAINING, furnished
from tests.reliability.study import Study
from tests.reliability.verdict import Verdict

FINISHED: Final = "runs/still"
PLACES: Final = (*FILES, *(f"{name}.yaml" for name in (*RECIPES, *TRAINING)), FINISHED, "runs", "new/folder", "..", "")
SETTINGS: Final = ("sampler.steps=2", "samples=1", "noise.std=0.1", "seed=3", "prior.use=none", "x", "=", "a.b.c=1")
FITTING: Final[dict[str, tuple[str, ...]]] = {
    "clips": ("0..2", "0..0", "1..", "..1", "2..0", "a..b", "0..99999999999"),
    "device": ("cpu", "cuda", "auto", "cuda:7", "meta"),
}
WORDS: Final = ("operator", "prior", "gaussian", "dps", "invsolve", "psnr", "latte", "a100", "2x8x8x1", "new-name")


@final
@attrs.frozen
class Spoken:
    """A command as it is called: its words, its parameters, and whether a parameter is an option."""

    words: tuple[str, ...]
    parameters: tuple[inspect.Parameter, ...]


@final
@attrs.define
class CommandLines(Study):
    """One command line a trial, made of the signatures of the commands that the installed plugins offer."""

    name: ClassVar[str] = "command_lines"
    title: ClassVar[str] = "command lines: every command and option"
    goal: ClassVar[int] = 5_000
    short: ClassVar[tuple[int, ...]] = tuple(range(16))

    home: Path = Path()
    commands: tuple[Spoken, ...] = ()

    def prepare(self, home: Path) -> None:
        """Furnish, run one recipe to have a finished run, and list the commands."""
        self.home = home / self.name
        shutil.copytree(furnished(home), self.home)
        ended = command("run", str(self.home / "still.yaml"), "--out", str(self.home / "runs"), cpu_seconds=600)
        assert ended.code == 0, ended.shown
        self.commands = tuple(spoken_commands(Catalog.discover()))

    def trial(self, number: int, folder: Path) -> Verdict:
        """Say one command line."""
        random = self.random(number)
        shutil.copytree(self.home, folder, dirs_exist_ok=True)
        words = self._line(random)
        verdict = judged(command(*words), folder)
        return verdict if verdict.kind == "fault" else attrs.evolve(verdict, text=verdict.text[:400])

    def _line(self, random: np.random.Generator) -> list[str]:
        spoken = self.commands[int(random.integers(len(self.commands)))]
        words = list(spoken.words)
        for parameter in spoken.parameters:
            words += _said(parameter, random)
        for _ in range(int(random.integers(0, 3)) if random.random() < 0.3 else 0):
            at = int(random.integers(len(words) + 1))
            if random.random() < 0.5:
                words[at:at] = [wild.word(random)]
            else:
                words[at : at + 1] = []
        if random.random() < 0.05:
            words.insert(int(random.integers(len(words) + 1)), ("--", "--debug", "--help", "-x")[number_of(random, 4)])
        # the operating system takes no null characters, and hands on no surrogates of its own accord
        return [word.replace("\0", "") for word in words]


def spoken_commands(catalog: Catalog) -> typing.Iterator[Spoken]:
    """Every command of every plugin, and the commands below it."""
    for entry in catalog.of_kind("command"):
        yield from _below((catalog.recipe_name(entry),), catalog.load_entry(entry))


def _below(words: tuple[str, ...], target: Any) -> typing.Iterator[Spoken]:
    if not isinstance(target, App):
        yield Spoken(words, tuple(inspect.signature(target, eval_str=True).parameters.values()))
        return
    for name in target:
        if not name.startswith("-"):
            inner = target[name]
            yield from _below((*words, name), inner.default_command or inner)


def _said(parameter: inspect.Parameter, random: np.random.Generator) -> list[str]:
    """What a command line says of a parameter: nothing, or a value with or without its option."""
    positional = parameter.kind in (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    if random.random() < (0.05 if positional else 0.7):
        return []
    value = _value(parameter.annotation, parameter.name, random)
    if positional:
        return [value] * (1 + (random.random() < 0.1 and parameter.kind is inspect.Parameter.VAR_POSITIONAL))
    option = "--set" if parameter.name == "overrides" else f"--{parameter.name.replace('_', '-')}"
    flag = _plain(parameter.annotation) is bool
    return [option] if flag or random.random() < 0.03 else [option, value]


def _value(annotation: Any, name: str, random: np.random.Generator) -> str:
    if random.random() < 0.1:
        return wild.word(random)
    plain = _plain(annotation)
    if plain is Path:
        return PLACES[number_of(random, len(PLACES))]
    if plain in (int, float):
        return str(wild.number(random)) if random.random() < 0.3 else str(number_of(random, 5))
    words = SETTINGS if plain is tuple else FITTING.get(name, WORDS)
    return words[number_of(random, len(words))]


def _plain(annotation: Any) -> Any:
    """The type that a word is turned into."""
    if typing.get_origin(annotation) is Annotated:
        return _plain(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) in (types.UnionType, typing.Union):
        return _plain(typing.get_args(annotation)[0])
    return typing.get_origin(annotation) or annotation


def number_of(random: np.random.Generator, below: int) -> int:
    """A whole number from 0."""
    return int(random.integers(below))
