"""`TrainingRecipe`: the file that `invsolve train` reads."""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal, final

import attrs

from invsolve.errors import ComponentError
from invsolve.media import Reader
from invsolve.plugin import Catalog
from invsolve.recipe.extend import read_extended
from invsolve.recipe.fault import BadRecipe, Fault, gathered
from invsolve.recipe.named import recipe_file
from invsolve.recipe.override import override
from invsolve.recipe.structure import structuring
from invsolve.training import Task
from invsolve.validators import whole
from invsolve_priors.training.autoencoder.settings import AutoencoderSettings
from invsolve_priors.training.diffusion.settings import DiffusionSettings
from invsolve_priors.training.loop import Course
from invsolve_priors.training.optimisation import Optimisation

count = whole(least=1)


@final
@attrs.frozen(kw_only=True)
class Data:
    """The source of clips: see `ClipPool`.

    Attributes:
        reader: of training clips.
        validation: of clips kept apart, read once, with the seed 0.
        clips: how many the pool holds in the end.
        first: how many it holds at the first step.
        growth: clips that each step adds until it is full.
    """

    reader: Reader
    validation: Reader
    clips: int = attrs.field(default=1000, validator=count)
    first: int = attrs.field(default=64, validator=count)
    growth: int = attrs.field(default=4, validator=whole(least=0))


@final
@attrs.frozen(kw_only=True)
class TrainingRecipe:
    """A training: its task, its data, its course.

    Attributes:
        recipe: the version of the format, 1.
        data: clips of a reader, for ``autoencoder`` and ``diffusion``.
        autoencoder: what is trained; or
        diffusion: what is trained; or
        task: what a plugin trains, with data of its own: ``{use: NAME, ...}``. Exactly one of the three.
        course: how long, and how often to look.
        optimisation: how.
        seed: of all randomness, 0 or more.

    Examples:
        ```yaml
        recipe: 1
        data:
          reader: {read: blocksworld, split: train, index: null}
          validation: {read: blocksworld, split: validation, clips: 40}
        autoencoder: {network: small}         # or diffusion: {autoencoder: model.safetensors, network: small}
        course: {steps: 4000}
        optimisation: {rate: 2e-3, decay: cosine}
        seed: 0
        ```
    """

    recipe: Literal[1]
    course: Course
    data: Data | None = None
    task: Task | None = None
    autoencoder: AutoencoderSettings | None = None
    diffusion: DiffusionSettings | None = None
    optimisation: Optimisation = attrs.field(factory=Optimisation)
    seed: int = attrs.field(default=0, validator=whole(least=0))

    def __attrs_post_init__(self) -> None:
        if sum(each is not None for each in (self.autoencoder, self.diffusion, self.task)) != 1:
            raise ComponentError(
                "a training recipe has either `autoencoder` or `diffusion`, or the `task` of a plugin."
            )
        if (self.data is None) == (self.task is None):
            raise ComponentError("`data` belongs to `autoencoder` and `diffusion`; a `task` brings its own.")


def read_recipe(path: Path, overrides: Iterable[str] = ()) -> TrainingRecipe:
    """Read a training recipe, with what it extends; `overrides` are `PATH=VALUE`, as `--set` takes them.

    Raises:
        RecipeError: that lists everything wrong with it.
    """
    faults: list[Fault] = []
    recipe = None
    catalog = Catalog.discover()
    with gathered(faults):
        table = override(read_extended(recipe_file(path, catalog), catalog), overrides, Path.cwd(), faults)
        recipe = structuring(catalog)(table.without("extends"), TrainingRecipe)
    if faults or not isinstance(recipe, TrainingRecipe):
        raise BadRecipe(faults, str(path))
    return recipe
