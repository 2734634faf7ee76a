"""`HeldPhysics`: a physics of deepinv, held fast, and asked for each size of pictures what it does."""

import copy
import math
import warnings
from collections.abc import Callable
from typing import Any, Final, final

import attrs
import torch
from torch import Tensor

from invsolve.cache import Cache
from invsolve.errors import ComponentError, SpaceError
from invsolve_deepinv.bridge.casting import cast
from invsolve_deepinv.bridge.packing import Layout, Packing, Shape, enter
from invsolve_deepinv.library import library

EXACT: Final = {torch.float64: 1e-10, torch.float32: 1e-6}  # of a dot test, relative
FAILURES: Final = (RuntimeError, ValueError, IndexError, AssertionError, TypeError, NotImplementedError)
"""What deepinv's physics raise on pictures of a size that they do not take."""


@final
@attrs.frozen
class Answer:
    """What a physics does with items of one shape.

    Attributes:
        complex_input: whether it takes complex numbers alone.
        packing: how its measurements lie in a tensor.
        single: whether it computes in float32 whatever it is given, and so takes nothing else.
        own_adjoint: whether deepinv's adjoint passes the dot test at `EXACT`; otherwise autograd's takes its place.
    """

    complex_input: bool
    packing: Packing
    single: bool
    own_adjoint: bool = False

    def dtype(self, wanted: torch.dtype) -> torch.dtype:
        """The precision to work in where `wanted` is wanted."""
        return torch.float32 if self.single else wanted


@final
@attrs.frozen(eq=False)
class HeldPhysics:
    """A private copy of a physics: neither the caller's later `update` nor a parameter of a call can change it.

    Attributes:
        physics: the copy, as it was given.
        layout: whether it sees frames or videos.
        size: ``c h w`` of frames or ``c t h w`` of videos that it was made for, or None where it takes any.
    """

    physics: Any
    layout: Layout = "frames"
    size: Shape | None = None
    _casts: Cache = attrs.field(factory=Cache, init=False, repr=False)
    _answers: Cache = attrs.field(factory=lambda: Cache(limit=32), init=False, repr=False)

    @classmethod
    def hold(cls, physics: Any, layout: Layout, size: Shape | None, named: object = None) -> "HeldPhysics":
        """Copy a physics; where its size is not given, it is `named`, or what the physics calls its ``img_size``.

        Raises:
            ComponentError: for a sensor model, since it comes after the noise, and for what is no physics.
        """
        deepinv = library()
        if not isinstance(physics, deepinv.physics.Physics):
            raise ComponentError(f"expected a deepinv.physics.Physics, got {type(physics).__name__}.")
        probe = torch.linspace(-0.5, 1.5, 41)
        if not torch.equal(physics.sensor_model(probe), probe):
            raise ComponentError(
                f"deepinv's {type(physics).__name__} has a sensor_model, which acts after the noise: no law of an "
                "observation around A(x) describes that. Leave it out, or undo it on the observation."
            )
        held = _copied(physics).eval().requires_grad_(False)
        return cls(held, layout, size if size is not None else _size_of(held, layout, named))

    @property
    def linear(self) -> bool:
        """Whether deepinv says that it is linear."""
        return isinstance(self.physics, library().physics.LinearPhysics)

    def at(self, dtype: torch.dtype, device: torch.device) -> Any:
        """The physics in another precision, on another device."""
        return self._casts.get((dtype, device), lambda: cast(_copied(self.physics), dtype, device))

    def item(self, shape: Shape) -> Shape:
        """The part ``c h w`` (or ``c t h w``) of a video's ``c t h w`` that deepinv sees at once."""
        return (shape[0], *shape[2:]) if self.layout == "frames" else shape

    def answer(self, item: Shape) -> Answer:
        """What it does with items of this shape; raises `SpaceError` where it does not take them."""
        if self.size is not None and item != self.size:
            axes = "c h w" if self.layout == "frames" else "c t h w"
            raise SpaceError(
                f"deepinv's {type(self.physics).__name__} was made for pictures of {axes} = {self.size}, got {item}."
            )
        found: Answer = self._answers.get(item, lambda: self._asked(item))
        return found

    def measured_from(self, measured: Shape) -> Shape:
        """The shape of the items whose measurements have this shape, the reverse of `answer`; raises `SpaceError`."""
        if self.size is None:
            found: Shape = self._answers.get(("from", measured), lambda: self._reversed(measured))
            return found
        target = self.answer(self.size).packing.target
        if target != measured:
            axes = "c h w" if self.layout == "frames" else "c t h w"
            raise SpaceError(
                f"measurements of deepinv's {type(self.physics).__name__} have {axes} = {target}, got {measured}."
            )
        return self.size

    def measure(self, x: Tensor) -> Any:
        """deepinv's own measurement of a batch of items, without noise."""
        answer = self.answer(tuple(x.shape[1:]))
        dtype = answer.dtype(x.dtype)
        return _apply(self.at(dtype, x.device), x.to(dtype), answer.complex_input)

    def pull(self, y: Tensor, item: Shape) -> Tensor:
        """``A^T y`` for a packed video of measurements, as a batch of items: deepinv's own where that is exact."""
        answer = self.answer(item)
        y = y.to(answer.dtype(y.dtype))
        return _pulled(self.at(y.dtype, y.device), answer, y, item)

    def _asked(self, item: Shape) -> Answer:
        single = self._is_single(item)
        dtype = torch.float32 if single else torch.float64
        physics = self.at(dtype, torch.device("cpu"))
        complex_input, measured = _probe(physics, torch.zeros(1, *item, dtype=dtype))
        answer = Answer(complex_input, Packing.of(measured, self.layout), single)
        if not self.linear:
            return answer
        if bool(answer.packing.pack(measured, 1).any()):
            raise ComponentError(
                f"deepinv calls {type(self.physics).__name__} linear, but it measures something in a black picture; "
                "subtract its background from the observation, and set it to 0."
            )
        answer = attrs.evolve(answer, own_adjoint=True)
        if self._gap(physics, answer, item, dtype) < EXACT[dtype]:
            return answer
        answer = attrs.evolve(answer, own_adjoint=False)
        gap = self._gap(physics, answer, item, dtype)
        if gap < EXACT[dtype]:
            return answer
        raise ComponentError(
            f"neither the adjoint of deepinv's {type(self.physics).__name__} nor its gradient is the transpose of A: "
            f"<A x, y> and <x, A^T y> differ by {gap:.1e}. An argument of the class may ask for an exact one, such as "
            "adjoint_via_backprop: true."
        )

    def _is_single(self, item: Shape) -> bool:
        physics = self.at(torch.float64, torch.device("cpu"))
        try:
            _, measured = _probe(physics, torch.zeros(1, *item, dtype=torch.float64))
        except SpaceError:
            return True
        parts = [measured] if isinstance(measured, Tensor) else list(measured)
        return any(part.dtype not in (torch.float64, torch.complex128) for part in parts)

    def _gap(self, physics: Any, answer: Answer, item: Shape, dtype: torch.dtype) -> float:
        """``|<A x, v> - <x, A^T v>| / (|A x| |v|)``, infinite where the adjoint fails."""
        generator = torch.Generator().manual_seed(0)
        x = torch.randn(2, *item, dtype=dtype, generator=generator)
        y = answer.packing.pack(_apply(physics, x, answer.complex_input), 2)
        v = torch.randn(y.shape, dtype=y.dtype, generator=generator)
        try:
            pulled = _pulled(physics, answer, v, item)
        except FAILURES:
            return math.inf
        if pulled.shape == x.shape:
            return float(((y * v).sum() - (x * pulled).sum()).abs() / (y.norm() * v.norm()).clamp_min(1e-300))
        if self.size is not None:
            return math.inf
        raise SpaceError(
            f"deepinv's {type(self.physics).__name__} has an adjoint that turns its measurement of {tuple(item)} into "
            f"{tuple(pulled.shape[1:])}: say for which `size` it is, or give such pictures."
        )

    def _reversed(self, measured: Shape) -> Shape:
        # What deepinv's adjoint gives back, or else what has the size of its measurement.
        physics = self.at(torch.float32, torch.device("cpu"))
        reason = "its adjoint gives back none"
        try:
            pulled = _quietly(lambda: physics.A_adjoint(torch.zeros(1, *measured, dtype=torch.float32)))
            candidates = [tuple(pulled.shape[1:]), measured]
        except FAILURES as error:
            candidates, reason = [measured], str(error).strip().partition("\n")[0]
        for item in candidates:
            try:
                packing = self.answer(item).packing
            except SpaceError:
                continue
            if packing.target == measured and packing.plain:
                return item
        raise SpaceError(
            f"deepinv's {type(self.physics).__name__} has no input for measurements of {measured}: {reason}. Say for "
            "which `size` it is."
        )

    def __deepcopy__(self, memo: dict[int, Any]) -> "HeldPhysics":
        return HeldPhysics(_copied(self.physics), self.layout, self.size)


def _copied(physics: Any) -> Any:
    # torch's generators need help to be copied; deepinv's own clone gives it, but takes half a second
    memo: dict[int, Any] = {}
    for module in physics.modules():
        for value in vars(module).values():
            if isinstance(value, torch.Generator):
                memo[id(value)] = torch.Generator(value.device).set_state(value.get_state())
    return copy.deepcopy(physics, memo)


def _size_of(physics: Any, layout: Layout, named: object) -> Shape | None:
    """The first size named, ``c h w`` (or ``c t h w``), of pictures that it takes: some name that of their output."""
    for size in (named, getattr(physics, "img_size", None), getattr(physics, "imsize", None)):
        if isinstance(size, tuple | list | torch.Size) and len(size) == (3 if layout == "frames" else 4):
            found = tuple(int(n) for n in size)
            try:
                _probe(physics, torch.zeros(1, *found, dtype=torch.float32))
            except SpaceError:
                continue
            return found
    return None


def _probe(physics: Any, x: Tensor) -> tuple[bool, Any]:
    """Whether it takes complex numbers alone, and its measurement."""
    try:
        return False, _apply(physics, x, False)
    except FAILURES as error:
        try:
            return True, _apply(physics, x, True)
        except FAILURES:
            raise SpaceError(
                f"deepinv's {type(physics).__name__} does not take pictures of {tuple(x.shape[1:])}: {error}"
            ) from error


def _apply(physics: Any, x: Tensor, complex_input: bool) -> Any:
    return _quietly(lambda: physics.A(torch.complex(x, torch.zeros_like(x)) if complex_input else x))


def _quietly(call: Callable[[], Any]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about arguments of its own internal calls
        return call()


def _pulled(physics: Any, answer: Answer, y: Tensor, item: Shape) -> Tensor:
    """``A^T y`` as a batch of items: deepinv's own, or ``A`` differentiated."""
    if answer.own_adjoint:
        own: Tensor = _quietly(lambda: physics.A_adjoint(answer.packing.unpack(y)))
        return own.real if own.is_complex() else own

    def measured(x: Tensor) -> Tensor:
        return answer.packing.pack(_apply(physics, x, answer.complex_input), y.shape[0])

    items = enter(y, answer.packing.layout).shape[0]
    zeros = torch.zeros(items, *item, dtype=y.dtype, device=y.device)
    pulled: Tensor = torch.func.vjp(measured, zeros)[1](y)[0]
    return pulled
