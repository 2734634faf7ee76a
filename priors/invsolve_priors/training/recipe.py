"""`TrainingRecipe`: the file that `invsolve train` reads."""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal, final

import attrs

from invsolve.errors import ComponentError, did_you_mean
from invsolve.media import Reader
from invsolve.plugin import Catalog
from invsolve.recipe.extend import read_extended
from invsolve.recipe.fault import BadRecipe, Fault, gathered
from invsolve.recipe.override import override
from invsolve.recipe.structure import structuring
from invsolve.schedule import DiscreteSchedule, Schedule
from invsolve.validators import number, whole
from invsolve_priors.learned.autoencoder.configuration import AUTOENCODERS, AutoencoderConfiguration
from invsolve_priors.learned.model_card import Output
from invsolve_priors.learned.stdit.configuration import CONFIGURATIONS, STDiTConfiguration
from invsolve_priors.training.diffusion import Weighting
from invsolve_priors.training.loop import Course
from invsolve_priors.training.optimisation import Optimisation

count = whole(least=1)


@final
@attrs.frozen(kw_only=True)
class Data:
    """Where clips come from: see `ClipPool`.

    - ``reader``: of training clips, ``validation``: of clips kept apart, read once, with the seed 0.
    """

    reader: Reader
    validation: Reader
    clips: int = attrs.field(default=1000, validator=count)
    first: int = attrs.field(default=64, validator=count)
    growth: int = attrs.field(default=4, validator=whole(least=0))


@final
@attrs.frozen(kw_only=True)
class AutoencoderRecipe:
    """What `AutoencoderTask` is told; ``network`` is the name of an autoencoder, or its sizes.

    - ``start``: a model file whose autoencoder, of these sizes, to go on from; ``decoder_only`` leaves its latents, and
      so the transformers trained on them, as they are.
    """

    network: str | AutoencoderConfiguration = "small"
    batch: int = attrs.field(default=16, validator=count)
    crop: int = attrs.field(default=32, validator=count)
    edge_weight: float = attrs.field(default=2.0, validator=number(least=0.0))
    latent_noise: float = attrs.field(default=0.03, validator=number(least=0.0))
    start: Path | None = None
    decoder_only: bool = False

    def __attrs_post_init__(self) -> None:
        if self.decoder_only and self.start is None:
            raise ComponentError("training a decoder alone needs `start`, a model file with its encoder.")

    @property
    def sizes(self) -> AutoencoderConfiguration:
        """The sizes themselves; raises `ComponentError` for an unknown name."""
        if isinstance(self.network, AutoencoderConfiguration):
            return self.network
        if self.network not in AUTOENCODERS:
            known = ", ".join(AUTOENCODERS)
            hint = did_you_mean(self.network, AUTOENCODERS)
            raise ComponentError(f"there is no autoencoder called {self.network!r}.{hint} Known: {known}.")
        return AUTOENCODERS[self.network]


@final
@attrs.frozen(kw_only=True)
class DiffusionRecipe:
    """What `DiffusionTask` is told; ``network`` is the name of a transformer, or its sizes.

    - ``autoencoder``: the model file of the autoencoder, which `invsolve train` wrote.
    - ``rank``, ``fitted``: with the output ``residual``, principal axes of the linear estimate that the transformer
      corrects, and how many clips it is fitted to; it costs 2 bytes for each axis and number of a latent in the file.
    - ``start``: a model file whose transformer, of these sizes, to go on from; its linear estimate comes along.
    """

    autoencoder: Path
    network: str | STDiTConfiguration = "small"
    output: Output = "v"
    schedule: Schedule = attrs.field(factory=DiscreteSchedule)
    batch: int = attrs.field(default=24, validator=count)
    time_power: float = attrs.field(default=1.5, validator=number(above=0.0))
    weighting: Weighting = "uniform"
    reverse: bool = True
    rank: int = attrs.field(default=512, validator=count)
    fitted: int = attrs.field(default=10000, validator=count)
    start: Path | None = None

    @property
    def sizes(self) -> STDiTConfiguration:
        """The sizes themselves; raises `ComponentError` for an unknown name."""
        sizes = self._named
        if self.output != "residual":
            return sizes
        return attrs.evolve(sizes, condition_channels=sizes.condition_channels + sizes.channels)

    @property
    def _named(self) -> STDiTConfiguration:
        if isinstance(self.network, STDiTConfiguration):
            return self.network
        if self.network not in CONFIGURATIONS:
            known = ", ".join(CONFIGURATIONS)
            hint = did_you_mean(self.network, CONFIGURATIONS)
            raise ComponentError(f"there is no transformer called {self.network!r}.{hint} Known: {known}.")
        return CONFIGURATIONS[self.network]


@final
@attrs.frozen(kw_only=True)
class TrainingRecipe:
    """What to train, on what, how.

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

    Exactly one of ``autoencoder`` and ``diffusion``.
    """

    recipe: Literal[1]
    data: Data
    course: Course
    autoencoder: AutoencoderRecipe | None = None
    diffusion: DiffusionRecipe | None = None
    optimisation: Optimisation = attrs.field(factory=Optimisation)
    seed: int = attrs.field(default=0, validator=whole(least=0))

    def __attrs_post_init__(self) -> None:
        if (self.autoencoder is None) == (self.diffusion is None):
            raise ComponentError("a training recipe has either `autoencoder` or `diffusion`.")


def read_recipe(path: Path, overrides: Iterable[str] = ()) -> TrainingRecipe:
    """Read a training recipe, with what it extends; `overrides` are `PATH=VALUE`, as `--set` takes them.

    Raises `RecipeError` that lists everything wrong with it.
    """
    faults: list[Fault] = []
    recipe = None
    with gathered(faults):
        table = override(read_extended(path), overrides, Path.cwd(), faults)
        recipe = structuring(Catalog.discover())(table.without("extends"), TrainingRecipe)
    if faults or not isinstance(recipe, TrainingRecipe):
        raise BadRecipe(faults, str(path))
    return recipe
