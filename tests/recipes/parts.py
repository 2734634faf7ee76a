"""Components with every kind of field that recipes can write, and a catalogue of them made by hand."""

import enum
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal, final

import attrs
import torch
from jaxtyping import Float, Int
from torch import Tensor

from invsolve.errors import ComponentError
from invsolve.media import Reader
from invsolve.metrics import Metric
from invsolve.operator import LinearOperator, Operator
from invsolve.plugin import Catalog, Component, Plugin
from invsolve.plugin.discover import Discovery, Source
from invsolve.prior import Prior
from invsolve.sampler import Sampler
from invsolve.sampler.guidance import Guidance
from invsolve.sampler.kernel import Kernel


def same(a: Tensor | None, b: Tensor | None) -> bool:
    return a is b or (a is not None and b is not None and a.dtype == b.dtype and torch.equal(a, b))


same_array = attrs.cmp_using(eq=same)


class Border(enum.Enum):
    ZERO = "zero"
    MIRROR = "mirror"


class Corner(enum.Enum):
    TOP_LEFT = (0, 0)
    BOTTOM_RIGHT = (1, 1)


@attrs.frozen
class Interval:
    start: float
    stop: float = attrs.field(default=1.0)

    @stop.validator
    def _after(self, _: object, value: float) -> None:
        if value <= self.start:
            raise ComponentError(f"stop must lie behind start={self.start}, got {value}.")


class Nothing:
    """Fulfils the abstract methods of operators."""

    def forward(self, x: Any) -> Any:
        return x

    def adjoint(self, y: Any) -> Any:
        return y


@final
@attrs.frozen
class Average(LinearOperator):
    """The mean of frames.

    Attributes:
        frames: how many, at least 1.
        border: what lies outside.
    """

    frames: int = attrs.field(default=8, validator=attrs.validators.ge(1))
    weights: tuple[float, ...] | None = None
    border: Border = Border.ZERO

    forward = Nothing.forward
    adjoint = Nothing.adjoint


@final
@attrs.frozen
class Curve(Operator):
    """A response curve."""

    curve: str | Path = "srgb"
    clip: Literal["hard", "soft", 2] = "hard"

    forward = Nothing.forward


@final
@attrs.frozen
class Inside(LinearOperator):
    """Holds other operators."""

    inner: LinearOperator
    others: tuple[Operator, ...] = ()
    named: Mapping[str, Operator] = attrs.field(factory=dict)

    forward = Nothing.forward
    adjoint = Nothing.adjoint


class _Prior(Prior):
    def latent_shape(self, space: Any) -> Any:
        return space.shape

    def encode(self, video: Any) -> Any:
        return video

    def decode(self, z: Any) -> Any:
        return z

    def predict(self, z: Any, level: Any, condition: Any = None) -> Any:
        raise AssertionError("never asked")


@final
@attrs.frozen
class Everything(_Prior):
    """Every type of field there is."""

    whole: int
    real: float = 0.5
    word: str = "w"
    flag: bool = False
    from_: float = 0.0
    choice: Literal["a", "b", 3, True] = "a"
    corner: Corner = Corner.TOP_LEFT
    file: Path | None = None
    maybe: float | None = 1.5
    either: int | str | tuple[float, ...] = 0
    pair: tuple[int, float] = (1, 1.0)
    many: tuple[tuple[int, ...], ...] = ()
    listed: list[str] = attrs.field(factory=list)
    bag: frozenset[int] = frozenset()
    table: dict[str, float] = attrs.field(factory=dict)
    interval: Interval = attrs.field(factory=lambda: Interval(0.0))
    intervals: tuple[Interval, ...] = ()
    anything: Any = None
    array: Tensor = attrs.field(factory=lambda: torch.zeros(1, dtype=torch.float64), eq=same_array)
    single: Float[Tensor, "n m"] | None = attrs.field(default=None, eq=same_array)
    index: Int[Tensor, " n"] = attrs.field(factory=lambda: torch.zeros(0, dtype=torch.int64), eq=same_array)


class _Kernel(Kernel):
    def step(self, z: Any, prediction: Any, level: Any, target: Any, rng: Any) -> Any:
        return z


@final
@attrs.frozen
class Down(_Kernel):
    """A kernel."""

    eta: float = attrs.field(default=0.0, validator=[attrs.validators.ge(0.0), attrs.validators.le(1.0)])


@final
@attrs.frozen
class Jump(_Kernel):
    """Another kernel."""

    order: int


@final
@attrs.frozen
class Pull(Guidance):
    """A guidance rule."""

    scale: float = 1.0

    def step(self, problem: Any, kernel: Any, z: Any, level: Any, target: Any, rng: Any) -> Any:
        return z, {}


class _Sampler(Sampler[Tensor]):
    def init(self, problem: Any, rng: Any) -> Any:
        return None

    def step(self, problem: Any, state: Any, i: int, rng: Any) -> Any:
        return state, {}

    def estimate(self, problem: Any, state: Any) -> Any:
        return state


@final
@attrs.frozen
class Search(_Sampler):
    """A sampler.

    Attributes:
        steps: how many.
    """

    steps: int = attrs.field(default=100, validator=attrs.validators.ge(1))
    kernel: Kernel = attrs.field(factory=lambda: Down(eta=0.25))
    guidance: Guidance | None = None
    spacing: Literal["even", "trailing"] = "even"


@final
@attrs.frozen
class Guess(_Sampler):
    """A sampler with fields of its own.

    Attributes:
        steps: how many.
        last: the last step that counts.
    """

    steps: int = 1
    scale: float = attrs.field(default=1.0, validator=attrs.validators.ge(0.0), converter=float)
    last: int = 1

    def __attrs_post_init__(self) -> None:
        if self.last > self.steps:
            raise ComponentError(f"last must not exceed steps={self.steps}, got {self.last}.")


@final
@attrs.frozen
class Picture(Reader):
    """A reader."""

    suffixes: ClassVar[tuple[str, ...]] = (".xyz",)

    path: Path
    frames: int | str | None = None

    def read(self, context: Any) -> Any:
        raise AssertionError("never read")


@final
@attrs.frozen
class Made(Reader):
    """A reader of a reader."""

    from_: Reader

    def read(self, context: Any) -> Any:
        raise AssertionError("never read")


@final
@attrs.frozen
class Count(Metric):
    """A metric."""

    power: int = 1

    def evaluate(self, reconstruction: Any) -> Any:
        return {}


HERE = __name__
COMPONENTS = (
    Component("operator", "average", f"{HERE}:Average", "Mean."),
    Component("operator", "curve", f"{HERE}:Curve", "Curve."),
    Component("operator", "inside", f"{HERE}:Inside", "Holder."),
    Component("prior", "everything", f"{HERE}:Everything", "All fields."),
    Component("kernel", "down", f"{HERE}:Down", "Down."),
    Component("kernel", "jump", f"{HERE}:Jump", "Jump."),
    Component("guidance", "pull", f"{HERE}:Pull", "Pull."),
    Component("sampler", "search", f"{HERE}:Search", "Search."),
    Component("sampler", "guess", f"{HERE}:Guess", "Guess."),
    Component("reader", "picture", f"{HERE}:Picture", "Picture."),
    Component("reader", "made", f"{HERE}:Made", "Made."),
    Component("reader", "video", "invsolve.media:VideoReader", "A video."),
    Component("metric", "count", f"{HERE}:Count", "Count."),
    Component("metric", "psnr", "invsolve.metrics.psnr:PSNR", "PSNR."),
    Component("metric", "ssim", "invsolve.metrics.ssim:SSIM", "SSIM."),
    Component("metric", "reblur", "invsolve.metrics.reblur:Reblur", "Reblur."),
    Component("metric", "coverage", "invsolve.metrics.coverage:Coverage", "Coverage."),
    Component("metric", "modes", "invsolve.metrics.modes:Modes", "Modes."),
    Component("baseline", "repeated", "invsolve.baselines.repeated:Repeated", "Repeated."),
    Component("baseline", "wiener", "invsolve.baselines.wiener:Wiener", "Wiener."),
    Component("noise", "gaussian", "invsolve.noise.gaussian:GaussianNoise", "White."),
    Component("noise", "poisson", "invsolve.noise.poisson:PoissonNoise", "Photons."),
)


def catalog_of(*components: Component, distribution: str = "fakes") -> Catalog:
    return Catalog(Discovery((Plugin(Source(distribution, "1.0", "fakes", HERE), components, 0.0),)))


CATALOG = catalog_of(*COMPONENTS)

PLAIN = """\
recipe: 1
input: {read: picture, path: photo.png}
operator: {use: average, frames: 4}
prior: {use: everything, whole: 3}
sampler: {use: search, steps: 20}
"""
