"""What the operators of this package share: videos in, measurements out, and the spaces of both."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import attrs
import torch
from torch import Tensor

from invsolve.errors import ComponentError
from invsolve.validators import shown
from invsolve.video.space import VideoSpace
from invsolve_deepinv.bridge.held import HeldPhysics
from invsolve_deepinv.bridge.packing import Layout, Shape, enter, leave
from invsolve_deepinv.naming.arguments import Plain
from invsolve_deepinv.naming.named import Named

GIVEN: Final = "@"  # stands between the class and the digest of a physics that was given as an object

references: Final = (
    "@article{tachella2025deepinverse,\n"
    "  title = {DeepInverse: A Python package for solving imaging inverse problems with deep learning},\n"
    "  author = {Tachella, Juli{\\'a}n and Terris, Matthieu and Hurault, Samuel and others},\n"
    "  journal = {Journal of Open Source Software},\n  volume = {10},\n  number = {115},\n  pages = {8923},\n"
    "  year = {2025},\n  doi = {10.21105/joss.08923}\n}",
)


def held_named(
    physics: str, arguments: Plain, files: Mapping[str, Path], seed: int, layout: Layout, size: Shape | None
) -> HeldPhysics:
    """A physics by the name of its class; raises `ComponentError` and `PluginError` as `Named.make` does."""
    if GIVEN in physics:
        raise ComponentError(
            f"{physics!r} was a physics given as an object, which its name cannot bring back; use `of`, or name a "
            "class of deepinv.physics."
        )
    made = Named("physics", physics, arguments, files, seed).make()
    return HeldPhysics.hold(made, layout, size, arguments.get("img_size"))


def given_name(module: torch.nn.Module) -> str:
    """The class of a module and a digest of its numbers: with other numbers it is another part."""
    digest = sha256()
    for name, value in sorted(module.state_dict().items()):
        digest.update(f"{name} {tuple(value.shape)} {value.dtype}".encode())
        plain = value.detach().cpu().resolve_conj().resolve_neg().contiguous().flatten()
        digest.update(plain.view(torch.uint8).numpy().tobytes())
    digest.update(repr(sorted(_settings(module))).encode())
    return f"{type(module).__name__}{GIVEN}{digest.hexdigest()[:8]}"


def whole_numbers(size: Iterable[Any] | None) -> Shape | None:
    """The converter of a size; raises `ComponentError` for anything but whole numbers from 1."""
    if size is None:
        return None
    numbers = tuple(size) if not isinstance(size, str) else ()
    if not numbers or not all(type(n) is int and n > 0 for n in numbers):
        raise ComponentError(f"size must be a list of whole numbers from 1, c h w or c t h w, got {shown(size)}.")
    return numbers


def forward(held: HeldPhysics, x: Tensor) -> Tensor:
    """The packed measurement of videos."""
    answer = held.answer(held.item(tuple(x.shape[1:])))
    if len(x) == 0:
        return x.new_zeros(0, *output_space(held, VideoSpace.of(x)).shape)
    return answer.packing.pack(held.measure(enter(x, held.layout)), len(x)).to(x.dtype)


def adjoint(held: HeldPhysics, y: Tensor) -> Tensor:
    """``A^T`` of packed measurements."""
    item = held.measured_from(held.item(tuple(y.shape[1:])))
    if len(y) == 0:
        return y.new_zeros(0, *input_space(held, VideoSpace.of(y)).shape)
    return leave(held.pull(y, item), held.layout, len(y)).to(y.dtype)


def output_space(held: HeldPhysics, space: VideoSpace) -> VideoSpace:
    """The space of the packed measurements; raises `SpaceError` for videos that the physics does not take."""
    return _of_item(held, held.answer(held.item(space.shape)).packing.target, space)


def input_space(held: HeldPhysics, observed: VideoSpace) -> VideoSpace:
    """The space of the videos that were measured; raises `SpaceError` where there is none."""
    return _of_item(held, held.measured_from(held.item(observed.shape)), observed)


def _of_item(held: HeldPhysics, item: Shape, like: VideoSpace) -> VideoSpace:
    c, t, h, w = (item[0], like.frames, *item[1:]) if held.layout == "frames" else item
    return attrs.evolve(like, channels=c, frames=t, height=h, width=w)


def _settings(module: torch.nn.Module) -> Iterable[tuple[str, str]]:
    for name, inner in module.named_modules():
        for key, value in vars(inner).items():
            if isinstance(value, str | int | float | bool):
                yield f"{name}.{key}", repr(value)
