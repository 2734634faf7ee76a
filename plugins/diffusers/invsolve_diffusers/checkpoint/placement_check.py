"""`check_module`: refuse what makes gradients wrong, with the reason."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from torch import nn

from invsolve.errors import CapabilityError

CACHES: Final = {
    "fbc_": "FirstBlockCache",
    "pyramid_attention_broadcast": "PyramidAttentionBroadcast",
    "faster_cache": "FasterCache",
    "mag_cache": "MagCache",
    "taylorseer_cache": "TaylorSeerCache",
    "sea_cache": "SeaCache",
}
OFFLOADS: Final = {"group_offloading": "group offloading", "layerwise_casting": "layer-wise casting"}
SHARED: Final = {"cp_": "context parallelism"}
FORWARD_ONLY: Final = "sage"  # attention kernels of this name have no backward pass
DYNAMIC: Final = ("LinearActivationQuantizedTensor", "LinearActivationWeightObservedTensor")

_CACHED: Final = (
    "it reuses what an earlier step computed, so that the gradient of a guided step goes through part of the network "
    "only, or through a graph that is freed already"
)
_OFFLOADED: Final = (
    "it swaps weights behind the back of autograd, which then finds them on another device or of another type in the "
    "backward pass"
)
_PARTIAL: Final = "each device gets its own part of the gradient only"
_ROUNDED: Final = "rounding has no gradient: nothing comes back through it"


def check_module(module: nn.Module, part: str) -> None:
    """Refuse a loaded module whose gradient would be wrong or missing.

    Step caches, offloading, layer-wise casting, attention kernels without a backward pass, and quantised activations:
    each works for plain generation, and none says anything when a gradient is taken.

    Raises:
        CapabilityError: that names what was found and what to do instead.
    """
    for hook in _hooks(module):
        for known, why in ((CACHES, _CACHED), (OFFLOADS, _OFFLOADED), (SHARED, _PARTIAL)):
            name = next((title for key, title in known.items() if hook.startswith(key)), None)
            if name is not None:
                raise _refused(part, name, why)
    if any("_hf_hook" in vars(each) for each in module.modules()):
        raise _refused(part, "a hook of accelerate (CPU or sequential offloading, device_map)", _OFFLOADED)
    _check_attention(module, part)
    _check_quantisation(module, part)


def check_config(config: Mapping[str, Any], part: str) -> None:
    """Refuse a checkpoint that says it was saved with quantised activations; weights alone may be quantised."""
    said = config.get("quantization_config")
    if not isinstance(said, Mapping):
        return
    kind = str(said.get("quant_type", said.get("quant_method", "")))
    if "dynamic" in kind.lower() and "activation" in kind.lower():
        raise _refused(part, f"quantised activations ({kind})", _ROUNDED)


def _hooks(module: nn.Module) -> Iterator[str]:
    """The names of the hooks that diffusers has put on a module or inside of it."""
    for each in module.modules():
        registry = vars(each).get("_diffusers_hook")
        if registry is not None:
            yield from registry.hooks


def _check_attention(module: nn.Module, part: str) -> None:
    from diffusers.models.attention_dispatch import _AttentionBackendRegistry

    backends = {str(_AttentionBackendRegistry._active_backend.value)}
    for each in module.modules():
        processor = vars(each).get("processor")
        chosen = None if processor is None else getattr(processor, "_attention_backend", None)
        if chosen is not None:
            backends.add(str(getattr(chosen, "value", chosen)))
    forward_only = sorted(name for name in backends if FORWARD_ONLY in name)
    if forward_only:
        raise _refused(
            part,
            f"the attention {forward_only[0]!r} (set_attention_backend, DIFFUSERS_ATTN_BACKEND)",
            "its kernels have no backward pass",
        )


def _check_quantisation(module: nn.Module, part: str) -> None:
    for name, parameter in module.named_parameters():
        kinds = (type(parameter).__name__, type(parameter.data).__name__)
        quantised_input = getattr(parameter, "act_quant_kwargs", None) is not None
        if quantised_input or any(kind in DYNAMIC for kind in kinds):
            raise _refused(part, f"quantised activations (at {name})", _ROUNDED)


def _refused(part: str, what: str, why: str) -> CapabilityError:
    return CapabilityError(
        f"the {part} has {what}: {why}. Load it without. Exact and safe: checkpointing, bfloat16 weights, weight-only "
        "quantisation, torch.compile, a second device for the decoder (`placement`)."
    )
