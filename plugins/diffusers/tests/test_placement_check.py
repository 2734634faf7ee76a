"""What makes gradients wrong is refused; what is exact is not."""

import pytest
import torch
from torch import nn

from invsolve.errors import CapabilityError
from invsolve_diffusers.checkpoint import Checkpoint
from invsolve_diffusers.checkpoint.placement_check import check_config, check_module

CPU = torch.device("cpu")


@pytest.fixture
def transformer(tiny):
    return Checkpoint(str(tiny("cogvideox"))).load("denoiser", torch.float32, CPU)


def test_a_plain_module_and_one_with_checkpoints_pass(transformer):
    transformer.enable_gradient_checkpointing()
    check_module(transformer, "denoiser")


def test_a_step_cache_is_refused(transformer):
    from diffusers import FirstBlockCacheConfig

    transformer.enable_cache(FirstBlockCacheConfig(threshold=0.2))
    with pytest.raises(CapabilityError, match="denoiser has FirstBlockCache: it reuses what an earlier step"):
        check_module(transformer, "denoiser")
    transformer.disable_cache()
    check_module(transformer, "denoiser")


def test_a_pyramid_broadcast_is_refused(transformer):
    from diffusers import PyramidAttentionBroadcastConfig

    transformer.enable_cache(
        PyramidAttentionBroadcastConfig(spatial_attention_block_skip_range=2, current_timestep_callback=lambda: 1)
    )
    with pytest.raises(CapabilityError, match="PyramidAttentionBroadcast"):
        check_module(transformer, "denoiser")


def test_layerwise_casting_is_refused(transformer):
    transformer.enable_layerwise_casting(storage_dtype=torch.float16, compute_dtype=torch.float32)
    with pytest.raises(CapabilityError, match="layer-wise casting: it swaps weights"):
        check_module(transformer, "denoiser")


def test_group_offloading_is_refused(transformer):
    transformer.enable_group_offload(CPU, CPU, offload_type="leaf_level")
    with pytest.raises(CapabilityError, match="group offloading"):
        check_module(transformer, "denoiser")


def test_hooks_of_accelerate_are_refused(transformer):
    from accelerate import cpu_offload

    cpu_offload(transformer, CPU)
    with pytest.raises(CapabilityError, match="accelerate"):
        check_module(transformer, "denoiser")


def test_sage_attention_is_refused(transformer, monkeypatch):
    from diffusers.models.attention_dispatch import AttentionBackendName, _AttentionBackendRegistry

    monkeypatch.setattr(_AttentionBackendRegistry, "_active_backend", AttentionBackendName.SAGE)
    with pytest.raises(CapabilityError, match=r"'sage'.*no backward pass"):
        check_module(transformer, "denoiser")


def test_the_attention_of_one_processor_counts(tiny):
    from diffusers.models.attention_dispatch import AttentionBackendName

    transformer = Checkpoint(str(tiny("wan"))).load("denoiser", torch.float32, CPU)
    transformer.blocks[1].attn1.processor._attention_backend = AttentionBackendName.SAGE_HUB
    with pytest.raises(CapabilityError, match="sage_hub"):
        check_module(transformer, "denoiser")


class LinearActivationQuantizedTensor(torch.Tensor):
    """Under the name that torchao gives to weights whose input is rounded."""


def test_quantised_activations_are_refused():
    layer = nn.Linear(2, 2)
    rounded = layer.weight.detach().as_subclass(LinearActivationQuantizedTensor)
    layer.weight = nn.Parameter(rounded, requires_grad=False)
    with pytest.raises(CapabilityError, match=r"quantised activations.*rounding has no gradient"):
        check_module(layer, "denoiser")


@pytest.mark.parametrize(
    "said",
    [
        {"quant_method": "torchao", "quant_type": "int8_dynamic_activation_int8_weight"},
        {"quant_method": "torchao", "quant_type": {"default": {"_type": "Int8DynamicActivationInt8WeightConfig"}}},
    ],
)
def test_a_config_with_quantised_activations_is_refused(said):
    with pytest.raises(CapabilityError, match="quantised activations"):
        check_config({"quantization_config": said}, "denoiser")


def test_a_config_with_quantised_weights_passes():
    check_config({"quantization_config": {"quant_method": "torchao", "quant_type": "int8_weight_only"}}, "denoiser")
    check_config({}, "denoiser")
