"""Laws of every `Operator`: a pure, shape-declaring map that treats each batch item on its own."""

import copy
from collections.abc import Iterator
from typing import Final

import attrs
import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode

from invsolve.errors import InvsolveError
from invsolve.operator import LinearOperator, Operator
from invsolve.testing.case import Case
from invsolve.testing.law import LawBroken, NotApplicable, require
from invsolve.testing.laws.gap import close_to, relative_gap
from invsolve.testing.laws.global_randomness import kept_random_state, random_state, seed_globally
from invsolve.video.space import VideoSpace

FRAME_RATE: Final = 240.0  # [frames/s]; any rate does


def deterministic(operator: Operator, case: Case) -> None:
    """The same input gives the same output, bit for bit, and global random generators are neither read nor moved."""
    x = case.video()
    with kept_random_state():
        seed_globally(1)
        before = random_state()
        first = operator(x.clone())
        moved = random_state() != before
        seed_globally(2)
        second = operator(x.clone())
    require(not moved, "it moved a global random generator; draw from a generator of its own with a seed field.")
    require(
        torch.equal(first, second), f"two calls differ by up to {_most(first, second):.3g}; randomness is a seed field."
    )
    duplicate = copy.deepcopy(operator)
    require(
        torch.equal(first, duplicate(x.clone())),
        "an equal copy gives another output; the output may depend on nothing but fields.",
    )


def shape_as_declared(operator: Operator, case: Case) -> None:
    """The output has the shape that `output_space` declares, for single frames and non-square sizes too."""
    declared = operator.output_space(case.space).shape
    found = tuple(operator(case.video()).shape)
    require(
        found == (case.b, *declared), f"output_space declares b c t h w = {(case.b, *declared)}, forward gives {found}."
    )


def spaces_agree(operator: Operator, case: Case) -> None:
    """`input_space` finds the smallest input whose `output_space` is the observation's space."""
    observed = operator.output_space(attrs.evolve(case.space, frame_rate=FRAME_RATE))
    needed = operator.input_space(observed)
    back = operator.output_space(needed)
    require(
        back.shape == observed.shape,
        f"input_space({observed.shape}) is {needed.shape}, whose output_space is {back.shape}.",
    )
    if observed.frame_rate is not None:
        kept = back.frame_rate is not None and abs(back.frame_rate - observed.frame_rate) < 1e-9 * observed.frame_rate
        require(
            kept, f"an observation at {observed.frame_rate} frames/s comes back at {back.frame_rate} from input_space."
        )
    for axis in ("frames", "height", "width"):
        size = getattr(needed, axis)
        if size > 1:
            smaller = attrs.evolve(needed, **{axis: size - 1})
            require(
                _output_or_none(operator, smaller) != observed.shape,
                f"input_space({observed.shape}) asks for {size} along {axis}, but {size - 1} would do.",
            )


def batch_items_do_not_mix(operator: Operator, case: Case) -> None:
    """Each item of a batch has the output that it has alone, and in any order."""
    case = case.at(b=3)
    x = case.video() * torch.tensor([1.0, 0.5, 0.25], dtype=case.torch_dtype).reshape(3, 1, 1, 1, 1)
    together = operator(x)
    for i in range(3):
        gap = relative_gap(together[i : i + 1], operator(x[i : i + 1]))
        require(
            gap < close_to(case),
            f"item {i} of 3 changes by {gap:.3g} (relative) when it is alone; reduce over c t h w, never over b.",
        )
    gap = relative_gap(together.flip(0), operator(x.flip(0)))
    require(gap < close_to(case), f"outputs change by {gap:.3g} (relative) with the order of the batch.")


def empty_batch(operator: Operator, case: Case) -> None:
    """A batch of no items gives a batch of no items of the declared shape."""
    empty = case.at(b=0).video()
    for what, given, space in _maps(operator, case, empty):
        require(
            tuple(given.shape) == (0, *space.shape),
            f"{what} of an empty batch has shape {tuple(given.shape)}, expected {(0, *space.shape)}.",
        )


def dtype_kept(operator: Operator, case: Case) -> None:
    """The output has the dtype of the input, whatever torch's default dtype is."""
    default = torch.get_default_dtype()
    try:
        for dtype, other in ((torch.float32, torch.float64), (torch.float64, torch.float32)):
            torch.set_default_dtype(other)
            x = case.video().to(dtype)
            for what, given, _ in _maps(operator, case, x):
                require(
                    given.dtype == dtype,
                    f"{what} turns {dtype} into {given.dtype}; make constants with dtype=x.dtype or `.to(x)`.",
                )
    finally:
        torch.set_default_dtype(default)


def device_kept(operator: Operator, case: Case) -> None:
    """The output is on the device of the input: nothing is made on a device that is written in the code.

    On a machine without an accelerator torch plays one (fake tensors hold a device and no numbers), so that the law
    is tried everywhere; an operator whose code looks at numbers then has nothing to be tried on.
    """
    if torch.cuda.is_available():
        _on_device(operator, case, case.video().to("cuda"))
        return
    duplicate = copy.deepcopy(operator)
    try:
        with FakeTensorMode(allow_non_fake_inputs=True):
            _on_device(duplicate, case, torch.empty(case.b, *case.space.shape, dtype=case.torch_dtype, device="cuda"))
    except LawBroken:
        raise
    except RuntimeError as error:
        if "same device" in str(error):
            raise LawBroken(f"{error} Make constants with device=x.device or `.to(x)`.") from error
        raise NotApplicable("its code looks at numbers, which takes a real accelerator to try") from error
    except Exception as error:
        raise NotApplicable("its code looks at numbers, which takes a real accelerator to try") from error


def input_left_unchanged(operator: Operator, case: Case) -> None:
    """The input tensor holds the same numbers after the call."""
    x = case.video()
    kept = x.clone()
    y = operator(x)
    require(torch.equal(x, kept), f"forward changed its input in place, by up to {_most(x, kept):.3g}.")
    if isinstance(operator, LinearOperator):
        observed = case.normal_like(tuple(y.shape), stream=1)
        kept = observed.clone()
        operator.adjoint(observed)
        require(
            torch.equal(observed, kept), f"adjoint changed its input in place, by up to {_most(observed, kept):.3g}."
        )


def memory_layout_does_not_matter(operator: Operator, case: Case) -> None:
    """A strided view and an expanded tensor give the output that a contiguous copy gives."""
    wide = case.video().transpose(-1, -2).contiguous().transpose(-1, -2)
    still = case.video()[:, :, :1].expand(-1, -1, case.t, -1, -1)
    for x, layout in ((wide, "transposed strides"), (still, "one frame expanded over time")):
        gap = relative_gap(operator(x), operator(x.contiguous()))
        require(gap < close_to(case), f"with {layout} the output differs by {gap:.3g} (relative).")


def _maps(operator: Operator, case: Case, x: Tensor) -> Iterator[tuple[str, Tensor, VideoSpace]]:
    y = operator(x)
    yield "forward", y, operator.output_space(case.space)
    if isinstance(operator, LinearOperator):
        yield "adjoint", operator.adjoint(torch.ones_like(y)), case.space


def _on_device(operator: Operator, case: Case, x: Tensor) -> None:
    for what, given, _ in _maps(operator, case, x):
        require(given.device == x.device, f"{what} of a tensor on {x.device} is on {given.device}.")


def _output_or_none(operator: Operator, space: VideoSpace) -> tuple[int, ...] | None:
    try:
        return operator.output_space(space).shape
    except InvsolveError:
        return None


def _most(a: Tensor, b: Tensor) -> float:
    return float((a - b).abs().max()) if a.shape == b.shape and a.numel() else float("nan")
