"""What lies in folders, to be compared: evaluations and runs."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, final

import attrs
import numpy as np

from invsolve.errors import InvsolveError, ReadError, UsageError
from invsolve.evaluation.clip_file import ClipFile
from invsolve.evaluation.joint_table import SAMPLES, Evaluated
from invsolve.evaluation.measures import OWN, Measures, table_scores
from invsolve.evaluation.summary import Summary
from invsolve.files.json_file import write_json
from invsolve.metrics.score import Score
from invsolve.plugin import Catalog
from invsolve.recipe import Recipe, load_one
from invsolve.record.run_content import read_json
from invsolve.record.run_folder import RunFolder
from invsolve.record.summary import known_metrics

FACTS: Final = "evaluation.json"


@final
@attrs.frozen
class KeptEvaluation:
    """The folder of an evaluation.

    Attributes:
        path: where it lies.
    """

    path: Path

    @classmethod
    def find(cls, path: Path) -> "KeptEvaluation | None":
        """The evaluation in `path`, or the newest of those in it; None if there is none."""
        if (path / "identity.json").is_file() and (path / "clips").is_dir():
            return cls(path)
        files = sorted(path.glob("*/identity.json"), key=lambda file: file.stat().st_mtime)
        return cls(files[-1].parent) if files else None

    def keep_facts(self, recipe: Recipe, facts: Mapping[str, Any]) -> None:
        """Write what the resolved recipe does not say, its label and its file, and `facts`; raises `WriteError`."""
        own = {"name": recipe.name, "label": recipe.label, "file": str(recipe.source) if recipe.source else None}
        write_json(self.path / FACTS, own | dict(facts), replace=True)

    @property
    def facts(self) -> dict[str, Any]:
        """What `keep_facts` wrote; of an older evaluation, its name."""
        if (self.path / FACTS).is_file():
            return read_json(self.path / FACTS)
        return {"name": self.path.parent.name, "label": "", "file": None}

    @property
    def label(self) -> str:
        """The recipe's name, with what sets it apart within its sweep."""
        return f"{self.facts['name']} {self.facts['label'] or ''}".strip()

    @property
    def files(self) -> dict[str, ClipFile]:
        """The files of its clips, by name."""
        return {file.stem: ClipFile(file) for file in sorted((self.path / "clips").glob("*.nc"))}

    def evaluated(self) -> Evaluated:
        """What was measured.

        Raises:
            ReadError: where there are no clips, or a file is damaged.
        """
        measures = {name: file.measures() for name, file in self.files.items()}
        if not measures:
            raise ReadError(f"{self.path} holds no clips yet; `invsolve evaluate` goes on with it.")
        recipe = self.recipe()
        if recipe is None:
            return Evaluated(self.label, self._data(), Summary(measures))
        return attrs.evolve(Evaluated.of(recipe, Summary(measures, table_scores(recipe.metrics))), label=self.label)

    def recipe(self) -> Recipe | None:
        """Its recipe; None where it cannot be built here, as without a plugin of it: its numbers can be read anyway."""
        try:
            return load_one(self.path)
        except InvsolveError:
            return None

    def _data(self) -> str:
        recipe = json.loads(str(read_json(self.path / "identity.json").get("recipe", "{}")))
        return json.dumps([recipe.get(key) for key in ("input", "operator", "noise")], sort_keys=True)


def run_measures(folder: RunFolder) -> Evaluated:
    """A finished run as the measurements of its samples: what has one number for each of them, and of their mean.

    Raises:
        ReadError: where it has no numbers.
    """
    facts = read_json(folder.path / "provenance.json")
    metrics = folder.path / "metrics.json"
    if not metrics.is_file():
        raise ReadError(f"{folder.path} has no metrics.json: it is {folder.state}.")
    values = read_json(metrics)
    scores: list[Score] = []
    each: dict[str, list[Any]] = {}
    single: dict[str, float] = {}
    for score in (score for metric in known_metrics(Catalog.discover()) for score in metric.scores):
        found = values.get(score.name)
        if "run" not in score.tables or not isinstance(found, list):
            continue
        scores.append(score)
        each[score.name] = found
        key = score.mean or f"{score.name}_mean"
        if isinstance(values.get(key), float):
            scores.append(attrs.evolve(score, name=key, heading=f"{score.heading}, of mean"))
            single[key] = values[key]
    count = max((len(found) for found in each.values()), default=0)
    clips = {f"sample {number}": {OWN: _of_sample(number, each, single)} for number in range(count)}
    recipe = facts.get("recipe", {})
    label = f"{recipe.get('name', folder.path.name)} {recipe.get('label') or ''}".strip()
    summary = Summary(clips, tuple(dict.fromkeys(scores)))
    return Evaluated(label, str(facts.get("input", {}).get("sha256", "")), summary, SAMPLES)


def _of_sample(number: int, each: dict[str, list[Any]], single: dict[str, float]) -> Measures:
    own = {name: found[number] for name, found in each.items() if number < len(found)} | single
    return {name: np.asarray(value) for name, value in own.items() if isinstance(value, int | float)}


def compared(paths: Sequence[Path]) -> tuple[Evaluated, ...]:
    """The evaluations, or the runs, in folders, each with a label of its own.

    Raises:
        UsageError: for runs beside evaluations.
        ReadError: for a folder that is neither, or has no numbers.
    """
    kept = [KeptEvaluation.find(path) for path in paths]
    if all(kept):
        found, marks = [each.evaluated() for each in kept if each], [each.path.name for each in kept if each]
    elif any(kept):
        one = next(path for path, each in zip(paths, kept, strict=True) if each is None)
        raise UsageError(
            f"{one} is no evaluation, the others are: compare runs with runs, evaluations with evaluations."
        )
    else:
        folders = [RunFolder.open(path) for path in paths]
        found, marks = [run_measures(folder) for folder in folders], [folder.path.name for folder in folders]
    labels = [each.label for each in found]
    return tuple(
        each if labels.count(each.label) == 1 else attrs.evolve(each, label=f"{each.label} ({mark})")
        for each, mark in zip(found, marks, strict=True)
    )
