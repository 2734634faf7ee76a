"""`LiveBytes`: the bytes that a computation holds, operation by operation, on meta tensors as on real ones."""

import weakref
from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any, Final, final

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import flop_registry

_ATEN: Final = torch.ops.aten
_WIDEST_FLASH_HEAD: Final = 256


class TooMuch(Exception):
    """A computation holds more bytes than it may."""


@final
class LiveBytes(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the storages made inside of it while they live, each once however many views it has.

    Meta tensors have storages of a size and without content: a forward and a backward pass through a network of any
    size are counted in seconds, with everything that autograd keeps, frees and computes again.

    Attributes:
        now: bytes alive; what was made before, such as weights, does not count.
        peak: the most there was since `reset`, with the scratch memory of convolutions while they run.
        operations: floating-point additions and multiplications of matrix products, convolutions and attention.
        device_type: where the computation is going to run, which decides what convolutions need for scratch.
        most: raise `TooMuch` as soon as more is held; None: never.
    """

    def __init__(self, device_type: str, most: int | None = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.device_type = device_type
        self.most = most
        self.now = 0
        self.peak = 0
        self.operations = 0
        self._alive: dict[int, weakref.ref[torch.UntypedStorage]] = {}

    def reset(self) -> None:
        """Let the peak start again from what is alive."""
        self.peak = self.now

    def __torch_dispatch__(
        self,
        func: Any,
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Run an operation and count what it made."""
        for leaf in tree_leaves((args, kwargs)):
            if isinstance(leaf, Tensor):
                self._count(leaf.untyped_storage(), owned=False)
        made = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(made):
            if isinstance(leaf, Tensor):
                self._count(leaf.untyped_storage(), owned=True)
        self.peak = max(self.peak, self.now + scratch_bytes(func, args, self.device_type))
        if self.most is not None and self.peak > self.most:
            raise TooMuch
        count = flop_registry.get(func._overloadpacket)
        if count is not None:
            self.operations += count(*args, **(kwargs or {}), out_val=made)
        return made

    def _count(self, storage: torch.UntypedStorage, *, owned: bool) -> None:
        """Add a storage that is not known yet; what an operation is given and none has made is not ours."""
        key = storage._cdata
        if key in self._alive:
            return
        size = storage.nbytes() if owned else 0

        def gone(_: Any) -> None:
            del self._alive[key]
            self.now -= size

        self._alive[key] = weakref.ref(storage, gone)
        self.now += size


@final
class FlashAttention(TorchFunctionMode):
    """On meta tensors, attention as fused kernels do it: no matrix of all pairs is made, and only its sums are kept.

    PyTorch takes its unfused attention for meta tensors, which a GPU never runs for models of this size.
    """

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Replace attention alone."""
        given = dict(kwargs or {})
        if func is torch.nn.functional.scaled_dot_product_attention:
            return _attention(*args, **given)
        return func(*args, **given)


def _attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """`scaled_dot_product_attention`; on meta tensors by the operation that a GPU has for it."""
    if not query.is_meta:
        return torch.nn.functional.scaled_dot_product_attention(
            query, key, value, attn_mask, dropout_p, is_causal, scale=scale, enable_gqa=enable_gqa
        )
    if attn_mask is None and query.shape[-1] <= _WIDEST_FLASH_HEAD:
        flash: Tensor = _ATEN._scaled_dot_product_flash_attention(query, key, value)[0]
        return flash
    bias = None if attn_mask is None else attn_mask.to(query.dtype).expand(*query.shape[:-1], key.shape[-2])
    efficient: Tensor = _ATEN._scaled_dot_product_efficient_attention(query, key, value, bias, True)[0]
    return efficient


def scratch_bytes(func: Any, args: tuple[Any, ...], device_type: str) -> int:
    """Bytes that a convolution allocates and frees again while it runs; 0 for other operations.

    On a CPU the unfolded input, one value for every output position, input channel and kernel tap. On a GPU, where
    cuDNN computes in its own layout, copies of input and output.
    """
    if func is _ATEN.convolution.default:
        source, weight = args[:2]
        positions = [
            (size + 2 * pad - spread * (kernel - 1) - 1) // stride + 1
            for size, kernel, stride, pad, spread in zip(
                source.shape[2:], weight.shape[2:], args[3], args[4], args[5], strict=True
            )
        ]
    elif func is _ATEN.convolution_backward.default:
        source, weight = args[1:3]
        positions = list(args[0].shape[2:])
    else:
        return 0
    taps = prod(weight.shape[2:])
    if device_type == "cpu":
        return 0 if taps == 1 else source.shape[1] * taps * prod(positions) * source.element_size()
    both = source.numel() + source.shape[0] * weight.shape[0] * prod(positions)
    return int(both * source.element_size())
