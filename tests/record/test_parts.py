"""One walk knows every part of a recipe: what it owes, what it reads, where it comes from."""

import hashlib
import json
from pathlib import Path
from typing import ClassVar, final

import attrs
import pytest
import torch

from invsolve.cli import main
from invsolve.evaluation.evaluation import Evaluation
from invsolve.operator.pipeline import Identity
from invsolve.parts import Part, classes_of, files_of, references_of, walk
from invsolve.plugin import base_of
from invsolve.plugin.contract import BASES
from invsolve.problem import Problem
from invsolve.recipe import Recipe, load_one
from invsolve.record.bibliography import bibliography
from invsolve.schedule import DiscreteSchedule
from invsolve.solving.checkpoint import fingerprint
from invsolve.testing.pretend import manifest_of, pretend
from tests.core.parts import StandardNormal, Walk

MODULE = """
from pathlib import Path
from typing import ClassVar, final
import attrs
from invsolve.baselines import Baseline
from invsolve.prior.weights import Weights, weights_named
from invsolve.prior import Prior
from tests.core.parts import StandardNormal

@final
@attrs.frozen
class AcmeWeights(Weights):
    references: ClassVar[tuple[str, ...]] = ("@misc{weights}",)

    def path(self) -> Path:
        return Path(__file__).parent / "acme.safetensors"

@final
@attrs.frozen
class AcmePrior(Prior):
    weights: Weights | None = attrs.field(default=None, converter=weights_named)

    latent_shape = StandardNormal.latent_shape
    encode = StandardNormal.encode
    decode = StandardNormal.decode
    predict = StandardNormal.predict
    schedule = StandardNormal().schedule

@final
@attrs.frozen
class AcmeBaseline(Baseline):
    references: ClassVar[tuple[str, ...]] = ("@misc{baseline}",)
    table: Path | None = None

    def estimate(self, problem, recording):
        return problem.observation
"""
RECIPE = """\
recipe: 1
input: {read: sample, name: coffee}
operator: {use: identity}
prior: {use: acme, weights: acme}
sampler: {use: normalised_bidirectional_warp, flow: {use: dis}}
baselines: {acme: {use: acme, table: table.csv}}
"""


@pytest.fixture
def recipe(shelf: Path, tmp_path: Path) -> Path:
    manifest = manifest_of(
        ("weights", "acme", "acme_parts:AcmeWeights"),
        ("prior", "acme", "acme_parts:AcmePrior"),
        ("baseline", "acme", "acme_parts:AcmeBaseline"),
    )
    pretend(shelf, "invsolve-acme", manifest=manifest, modules={"acme_parts.py": MODULE})
    (shelf / "acme.safetensors").write_bytes(b"first")
    (tmp_path / "table.csv").write_text("1,2\n", encoding="utf-8")
    path = tmp_path / "acme.yaml"
    path.write_text(RECIPE, encoding="utf-8")
    return path


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_every_kind_of_component_is_a_part() -> None:
    assert all(issubclass(base_of(kind), Part) for kind in BASES)


def test_files_are_hashed_wherever_they_are(recipe: Path) -> None:
    found = dict(files_of(load_one(recipe)))
    assert found == {"prior.weights": digest(b"first"), "baselines.acme.table": digest(b"1,2\n")}


def test_named_weights_belong_to_the_identity_of_a_recipe_and_of_a_run(recipe: Path, shelf: Path) -> None:
    before = load_one(recipe)
    hashes, prints = [before.hash8], [printed(before)]
    assert json.loads(before.canonical)["content"] == {"prior.weights": digest(b"first")}
    (shelf / "acme.safetensors").write_bytes(b"second")
    hashes.append(before.hash8)
    prints.append(printed(before))
    assert len(set(hashes)) == len(set(prints)) == 2


def printed(recipe: Recipe) -> str:
    problem = Problem(Identity(), torch.zeros(1, 3, 2, 4, 4), recipe.prior)
    return fingerprint(problem, Walk(), {})


def test_new_weights_and_new_baselines_begin_a_new_evaluation(recipe: Path, shelf: Path, tmp_path: Path) -> None:
    folders = [Evaluation(load_one(recipe), (), tmp_path).folder]
    (shelf / "acme.safetensors").write_bytes(b"second")
    folders.append(Evaluation(load_one(recipe), (), tmp_path).folder)
    (tmp_path / "table.csv").write_text("3,4\n", encoding="utf-8")
    folders.append(Evaluation(load_one(recipe), (), tmp_path).folder)
    assert len(set(folders)) == 3


def test_a_name_is_written_and_a_component_is_kept(recipe: Path) -> None:
    prior = load_one(recipe).prior
    assert type(prior)(weights="acme") == prior
    assert type(prior)(weights=prior.weights) == prior
    assert load_one(recipe).resolved["prior"] == {"use": "acme", "weights": {"use": "acme"}}


def test_a_hash_needs_no_content_where_no_part_brings_any(recipe: Path) -> None:
    plain = load_one(recipe, ["prior={use: spectral_gaussian}"])
    # what it was before content counted
    assert "content" not in json.loads(plain.canonical)
    assert plain.hash8 == "69a9e5b3"


def test_flows_baselines_and_weights_are_cited(recipe: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entries = " ".join(bibliography(load_one(recipe)))
    for key in ("kroeger2016fast", "@misc{weights}", "@misc{baseline}"):
        assert key in entries
    assert main(["cite", str(recipe)]) == 0
    assert "kroeger2016fast" in capsys.readouterr().out


@final
@attrs.frozen
class Hologram(Part):
    """Of a kind that nobody has heard of."""

    references: ClassVar[tuple[str, ...]] = ("@misc{hologram}",)
    file: Path
    hidden: Part | None = attrs.field(default=None, metadata={"recipe": False})

    @property
    def own_parts(self) -> tuple[Part, ...]:
        return (StandardNormal(),)


def test_a_new_kind_is_covered_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "hologram.bin"
    file.write_bytes(b"light")
    inside = {"a": [Hologram(file, hidden=Hologram(file))], "b": frozenset({3})}
    assert [place for place, _ in walk(inside, "x")] == ["x", "x.a", "x.a.0", "x.a.0.file", "x.b", "x.b.0"]
    assert dict(files_of(inside)) == {"a.0.file": digest(b"light")}
    assert references_of(inside) == ("@misc{hologram}",)
    assert classes_of(inside) == (Hologram, StandardNormal, DiscreteSchedule)
