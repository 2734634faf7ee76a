"""What becomes of each field of an autoencoder's configuration, which a test holds against the installed diffusers."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from invsolve_diffusers.configuration.field import Field, unused, used

BUILT: Final = Field("architecture", "diffusers builds the network by it")
UPCAST: Final = unused("a precision for pipelines in float16; `placement` names ours")
TILES: Final = unused("the size of a tile, where `placement: {tiling: true}` asks for tiles")
COLOURS: Final = Field("refused", "videos have three channels here", 3)
SHIFT: Final = Field("refused", "the pipelines of this family leave it out, so its denoiser cannot have seen it", None)


def _built(*names: str) -> dict[str, Field]:
    return dict.fromkeys(names, BUILT)


PICTURES: Final = {
    **_built("down_block_types", "up_block_types", "layers_per_block", "act_fn", "norm_num_groups"),
    "in_channels": COLOURS,
    "out_channels": COLOURS,
    "block_out_channels": used("the downsampling: a half for each level after the first"),
    "latent_channels": used("of the latent"),
    "scaling_factor": used("of the latent"),
    "force_upcast": UPCAST,
}
STATISTICS: Final = {"shift_factor": SHIFT, "latents_mean": SHIFT, "latents_std": SHIFT}
QUANTISATION: Final = _built("use_quant_conv", "use_post_quant_conv")

AUTOENCODERS: Final[Mapping[str, Mapping[str, Field]]] = {
    "AutoencoderKL": {
        **PICTURES,
        **STATISTICS,
        **QUANTISATION,
        **_built("mid_block_add_attention"),
        "sample_size": TILES,
    },
    "VQModel": {
        **PICTURES,
        **_built("num_vq_embeddings", "vq_embed_dim", "norm_type", "mid_block_add_attention"),
        "sample_size": unused("the size it was trained at"),
        "lookup_from_codebook": Field("refused", "latents that are numbers of a codebook have no gradient", False),
    },
    "AutoencoderKLCogVideoX": {
        **PICTURES,
        **STATISTICS,
        **QUANTISATION,
        **_built("norm_eps"),
        "temporal_compression_ratio": Field("refused", "clips of 8k + 1 frames", 4),
        "sample_height": TILES,
        "sample_width": TILES,
        "invert_scale_latents": used("how the first frame of image-to-video models is scaled"),
    },
    "AutoencoderKLWan": {
        **_built("base_dim", "decoder_base_dim", "dim_mult", "num_res_blocks", "attn_scales", "temperal_downsample"),
        **_built("dropout"),
        "in_channels": COLOURS,
        "out_channels": COLOURS,
        "z_dim": used("channels of the latent"),
        "latents_mean": used("of the latent"),
        "latents_std": used("of the latent"),
        "scale_factor_temporal": Field("refused", "clips of 4k + 1 frames", 4),
        "scale_factor_spatial": used("the downsampling"),
        "is_residual": Field("refused", "the autoencoder of Wan 2.2; use a Wan 2.1 checkpoint", False),
        "patch_size": Field("refused", "the autoencoder of Wan 2.2; use a Wan 2.1 checkpoint", None),
    },
    "AutoencoderKLLTXVideo": {
        **_built("block_out_channels", "down_block_types", "decoder_block_out_channels", "layers_per_block"),
        **_built("decoder_layers_per_block", "decoder_spatio_temporal_scaling", "downsample_type"),
        **_built("upsample_residual", "upsample_factor", "resnet_norm_eps", "encoder_causal", "decoder_causal"),
        "in_channels": COLOURS,
        "out_channels": COLOURS,
        "latent_channels": used("of the latent"),
        "scaling_factor": used("of the latent"),
        "spatio_temporal_scaling": used("the downsampling"),
        "patch_size": used("the downsampling"),
        "patch_size_t": used("the downsampling"),
        "spatial_compression_ratio": used("the downsampling"),
        "temporal_compression_ratio": used("the downsampling"),
        "timestep_conditioning": used("the decoder is told that its latent is clean"),
        "decoder_inject_noise": unused("fresh noise in the decoder's layers, which would make every decoding another"),
    },
    "AutoencoderKLHunyuanVideo": {
        **_built("down_block_types", "up_block_types", "block_out_channels", "layers_per_block", "act_fn"),
        **_built("norm_num_groups", "mid_block_add_attention"),
        "in_channels": COLOURS,
        "out_channels": COLOURS,
        "latent_channels": used("of the latent"),
        "scaling_factor": used("of the latent"),
        "spatial_compression_ratio": used("the downsampling"),
        "temporal_compression_ratio": used("the downsampling"),
    },
    "AutoencoderKLMochi": {
        **_built("encoder_block_out_channels", "decoder_block_out_channels", "layers_per_block", "act_fn"),
        **_built("add_attention_block"),
        "in_channels": Field("refused", "colours and their Fourier features", 15),
        "out_channels": COLOURS,
        "latent_channels": used("of the latent"),
        "temporal_expansions": used("the downsampling"),
        "spatial_expansions": used("the downsampling"),
        "latents_mean": used("of the latent"),
        "latents_std": used("of the latent"),
        "scaling_factor": used("of the latent"),
    },
}


def refused_field(name: str, config: Mapping[str, Any], uses: Collection[str]) -> str | None:
    """Why an autoencoder of this class and configuration is refused, or None.

    Args:
        uses: the fields that its family uses although others refuse them.
    """
    for key, field in AUTOENCODERS.get(name, {}).items():
        value = config.get(key, field.only)
        if field.effect == "refused" and key not in uses and value != field.only:
            return f"its autoencoder says {key}: {value!r}, and {field.only!r} alone is supported ({field.why})"
    return None
