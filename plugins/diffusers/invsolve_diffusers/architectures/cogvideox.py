"""Small architectures of CogVideoX and its variants."""

from collections.abc import Mapping
from typing import Any, Final

from invsolve_diffusers.architectures.architecture import ZERO_SNR, Architecture

COGVIDEOX_NOISE: Final = {**ZERO_SNR, "timestep_spacing": "trailing"}
COGVIDEOX: Final = {
    "num_attention_heads": 2,
    "attention_head_dim": 16,
    "in_channels": 4,
    "out_channels": 4,
    "time_embed_dim": 8,
    "text_embed_dim": 16,
    "num_layers": 2,
    "sample_width": 4,
    "sample_height": 2,
    "sample_frames": 9,
    "max_text_seq_length": 6,
}
COGVIDEOX_DECODER: Final = {
    "block_out_channels": (4, 4, 4, 4),
    "latent_channels": 4,
    "layers_per_block": 1,
    "norm_num_groups": 2,
    "sample_height": 16,
    "sample_width": 32,
}
ROTARY: Final = {**COGVIDEOX, "use_rotary_positional_embeddings": True}


def architecture(
    denoiser: Mapping[str, Any], decoder: Mapping[str, Any], latent_frames: int, snr_shift: float = 1.0
) -> Architecture:
    """CogVideoX with these changes."""
    return Architecture(
        denoiser=denoiser,
        decoder={**COGVIDEOX_DECODER, **decoder},
        scheduler_class="CogVideoXDDIMScheduler",
        scheduler={**COGVIDEOX_NOISE, "snr_shift_scale": snr_shift},
        pipeline="CogVideoXPipeline",
        text=(6, 16),
        latent=(4, latent_frames, 2, 4),
    )


TINY: Final[Mapping[str, Architecture]] = {
    "cogvideox": architecture(COGVIDEOX, {}, 3, 3.0),
    "cogvideox-5b": architecture(ROTARY, {"scaling_factor": 0.7}, 3),
    "cogvideox-5b-i2v": architecture(
        {**ROTARY, "in_channels": 8, "use_learned_positional_embeddings": True}, {"scaling_factor": 0.7}, 3
    ),
    "cogvideox-1.5": architecture(
        {**ROTARY, "patch_size_t": 2, "patch_bias": False, "sample_height": 8, "sample_width": 8},
        {"scaling_factor": 0.7},
        4,
    ),
    "cogvideox-1.5-i2v": architecture(
        {
            **ROTARY,
            "in_channels": 8,
            "patch_size_t": 2,
            "patch_bias": False,
            "sample_height": 8,
            "sample_width": 8,
            "ofs_embed_dim": 8,
        },
        {"scaling_factor": 0.7, "invert_scale_latents": True},
        4,
    ),
}
