"""`Recipes`: recipes with something wrong or unusual in them, checked, run, evaluated, simulated and trained."""

import json
import shutil
from pathlib import Path
from typing import Any, ClassVar, Final, final

import attrs
import numpy as np
from ruamel.yaml import YAML

from invsolve.plugin import Catalog
from invsolve.recipe import schema_of
from tests.reliability import wild
from tests.reliability.command import command, judged
from tests.reliability.furniture import FILES, HEAD, RECIPES, TRAINING, furnished
from tests.reliability.grammar import Grammar
from tests.reliability.study import Study
from tests.reliability.verdict import Verdict

PARTS: Final = ("input", "operator", "noise", "prior", "sampler", "metrics", "baselines")
RUN: Final = 0.3  # of the recipes that a check finds right; running one takes ten times as long


@final
@attrs.define
class Recipes(Study):
    """One recipe a trial: from the schema, with wild values, or with its text damaged."""

    name: ClassVar[str] = "recipes"
    title: ClassVar[str] = "recipes: from the schema, with wild values, with damaged text"
    goal: ClassVar[int] = 10_000
    short: ClassVar[tuple[int, ...]] = tuple(range(20))

    home: Path = Path()
    grammar: Grammar = attrs.field(factory=lambda: Grammar({}, FILES))

    def prepare(self, home: Path) -> None:
        """Furnish, and read the schema."""
        self.home = furnished(home)
        catalog = Catalog.discover()
        self.grammar = Grammar(schema_of(catalog), FILES)

    def trial(self, number: int, folder: Path) -> Verdict:
        """Check one recipe; of those that are right run, evaluate, simulate or train some."""
        random = self.random(number)
        shutil.copytree(self.home, folder, dirs_exist_ok=True)
        path = folder / "tried.yaml"
        training = random.random() < 0.15
        path.write_bytes(self._text(random, training))
        checked = judged(command("recipe", "check", "tried.yaml"), folder)
        if checked.kind != "done" or random.random() > RUN:
            return self._said(checked, path)
        return self._said(judged(command(*_words(random, training)), folder), path)

    def _said(self, verdict: Verdict, path: Path) -> Verdict:
        if verdict.kind != "fault":
            return attrs.evolve(verdict, text=verdict.text[-300:])
        return attrs.evolve(verdict, text=f"{verdict.text}\n{path.read_bytes()[:3000]!r}")

    def _text(self, random: np.random.Generator, training: bool) -> bytes:
        names = sorted(TRAINING if training else RECIPES)
        name = names[int(random.integers(len(names)))]
        text = TRAINING[name] if training else _whole(name)
        way = random.random()
        if way < 0.15:
            return damaged_text(text.encode(), random)
        data: Any = YAML(typ="safe").load(text)
        if way < 0.6 and not training:
            for _ in range(int(random.integers(1, 3))):
                self._exchange(data, random)
        if way > 0.45 or training:
            for _ in range(int(random.integers(1, 4))):
                _spoil(data, random)
        # JSON is YAML, but for numbers that JSON does not have
        return json.dumps(data, ensure_ascii=False).encode("utf-8", "surrogatepass")

    def _exchange(self, data: dict[str, Any], random: np.random.Generator) -> None:
        """Put another component into the place of one, or a field of the recipe beside it."""
        if random.random() < 0.8:
            part = PARTS[int(random.integers(len(PARTS)))]
        else:
            part = list(self.grammar.schema["properties"])[int(random.integers(len(self.grammar.schema["properties"])))]
        data[part] = self.grammar.instance(self.grammar.schema["properties"][part], random)


def damaged_text(text: bytes, random: np.random.Generator) -> bytes:
    """A text with bytes cut out, exchanged, repeated or put in."""
    for _ in range(int(random.integers(1, 4))):
        at, length = int(random.integers(len(text) + 1)), int(random.integers(1, 12))
        way = int(random.integers(5))
        if way == 0:
            text = text[:at] + text[at + length :]
        elif way == 1:
            text = text[:at] + bytes(random.integers(0, 256, length, dtype=np.uint8)) + text[at:]
        elif way == 2:
            text = text[:at] + text[at : at + length] * 2 + text[at + length :]
        elif way == 3:
            text = text[:at] + b"\t&*!{}[]:,#|>'\"%@`-\n \\"[at % 22 : at % 22 + 1] + text[at:]
        else:
            text = text[:at]
    return text


def _spoil(data: Any, random: np.random.Generator) -> None:
    """Exchange, delete or add one value somewhere in a tree."""
    places = list(_places(data))
    if not places:
        return
    holder, key = places[int(random.integers(len(places)))]
    way = random.random()
    if way < 0.4:
        holder[key] = wild.like(holder[key], random)
    elif way < 0.7:
        holder[key] = wild.anything(random)
    elif way < 0.8:
        del holder[key]
    elif way < 0.9 and isinstance(holder, dict):
        holder[wild.word(random)] = wild.anything(random)
    else:
        holder[key] = [holder[key], holder[key]]


def _places(data: Any) -> Any:
    """Every holder and key in a tree."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in list(items):
        yield data, key
        yield from _places(value)


def _whole(name: str) -> str:
    return ("recipe: 1\n" if "extends" in RECIPES[name] else HEAD.format(name=name)) + RECIPES[name]


def _words(random: np.random.Generator, training: bool) -> tuple[str, ...]:
    if training:
        return ("train", "tried.yaml", "--stop-after", "2")
    ways = (
        ("run", "tried.yaml"),
        ("run", "tried.yaml", "--quiet", "--resume"),
        ("evaluate", "tried.yaml", "--folder", "set", "--count", "1"),
        ("simulate", "tried.yaml"),
        ("cite", "tried.yaml"),
        ("recipe", "expand", "tried.yaml"),
        ("calibrate", "tried.yaml", "--draws", "20", "--samples", "3"),
        ("estimate", "tried.yaml"),
    )
    return ways[int(random.integers(len(ways)))]
