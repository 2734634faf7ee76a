"""`RunContent`: what the report of a run is made of."""

from collections.abc import Mapping
from typing import Any, final

import attrs
from jaxtyping import Bool, Float
from torch import Tensor

from invsolve.video.space import VideoSpace


@final
@attrs.frozen(eq=False)
class RunContent:
    """A finished run, whether just ended or read from its folder.

    Attributes:
        facts: its provenance.
        values: its metrics, as `metrics.json` has them.
        video: the samples.
        samples: their numbers.
        space: their space.
        observed: what the camera recorded.
        observed_space: its space.
        truth: the sharp video where it is known, of any size; else None.
        truth_space: its space.
        chi_square: of each sample and observation, as `Verdict` has it.
        reversible: of each observation, as `Verdict` has it.
        remarks: what the verdict says in words.
        trace: ``steps s b`` by the name of the quantity.
        written: the recipe as its author wrote it.
        resolved: the same with every field.
        references: BibTeX entries.
        log: the run's log.
    """

    facts: Mapping[str, Any]
    values: Mapping[str, Any]
    video: Float[Tensor, "s b c t h w"]
    samples: tuple[int, ...]
    space: VideoSpace
    observed: Float[Tensor, "b c2 t2 h2 w2"]
    observed_space: VideoSpace
    truth: Float[Tensor, "b c3 t3 h3 w3"] | None
    truth_space: VideoSpace | None
    chi_square: Float[Tensor, "s b"]
    reversible: Bool[Tensor, " b"]
    remarks: tuple[str, ...]
    trace: Mapping[str, Float[Tensor, "steps s b"]]
    written: str
    resolved: str
    references: tuple[str, ...]
    log: str

    @property
    def name(self) -> str:
        """The recipe's name, with what sets it apart within its sweep."""
        recipe = self.facts.get("recipe", {})
        return f"{recipe.get('name', 'run')} {recipe.get('label') or ''}".strip()

    @property
    def comparable_truth(self) -> Float[Tensor, "b c t h w"] | None:
        """The truth, where it has the shape of a sample."""
        return self.truth if self.truth is not None and self.truth.shape == self.video.shape[1:] else None
