"""`convert`: an original file of ModelScope or TF-T2V as a checkpoint in the layout of diffusers."""

import json
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from invsolve.errors import ReadError, WriteError
from invsolve_diffusers.architectures.architecture import BETAS, DDIM, ZERO_SNR
from invsolve_diffusers.checkpoint import DECODER_FOLDER, IMAGE_BRANCH, SCHEDULER_FOLDER
from invsolve_diffusers.commands.original_unet import converted


def convert(file: Path, vae: Path, folder: Path, head_dim: int = 64) -> Path:
    """Write ``unet``, ``vae``, ``scheduler`` and ``model_index.json`` into a new folder.

    What TF-T2V sees pictures with is kept in ``image_branch``.

    A file whose network takes conditioning channels is TF-T2V's, which predicts ``v`` and has no signal at the
    noisiest level; the other is ModelScope's, which predicts noise.

    Args:
        file: safetensors with the original names.
        vae: the folder of an `AutoencoderKL` (that of Stable Diffusion 2.1 belongs to both).

    Raises:
        ReadError: for files of another kind.
        WriteError: for a folder that is there.
    """
    import diffusers

    if folder.exists():
        raise WriteError(f"{folder} exists already; name a new folder.")
    if not (vae / "config.json").is_file():
        raise ReadError(f"{vae} is not the folder of an AutoencoderKL: it holds no config.json.")
    found = converted(_read(file), head_dim)
    network_class: Any = diffusers.UNet3DConditionModel
    scheduler_class: Any = diffusers.DDIMScheduler
    network = network_class(**found.config)
    try:
        network.load_state_dict(found.tensors)
    except RuntimeError as error:
        raise ReadError(f"{file} does not fill a 3D-UNet: {' '.join(str(error).split())[:300]}") from error
    network.save_pretrained(folder / "unet")
    if found.image_branch:
        (folder / IMAGE_BRANCH).parent.mkdir()
        kept = {name: tensor.contiguous() for name, tensor in found.image_branch.items()}
        save_file(kept, folder / IMAGE_BRANCH)
    shutil.copytree(vae, folder / DECODER_FOLDER)
    noise = ZERO_SNR if found.conditioning_channels else {**BETAS, "prediction_type": "epsilon"}
    scheduler_class(**noise, **DDIM).save_pretrained(folder / SCHEDULER_FOLDER)
    index = {
        "_class_name": "TextToVideoSDPipeline",
        "_diffusers_version": diffusers.__version__,
        "unet": ["diffusers", "UNet3DConditionModel"],
        DECODER_FOLDER: ["diffusers", "AutoencoderKL"],
        SCHEDULER_FOLDER: ["diffusers", "DDIMScheduler"],
    }
    (folder / "model_index.json").write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")
    return folder


def _read(file: Path) -> dict[str, torch.Tensor]:
    if not file.is_file():
        raise ReadError(f"there is no file {file}.")
    try:
        return load_file(file)
    except SafetensorError as error:
        raise ReadError(
            f"{file} is not a complete safetensors file ({error}). Pickled files (.pth, .ckpt, .bin) run code when "
            "they are read, so they are refused; if you trust one, rewrite it in an environment of its own: "
            "`s = torch.load('in.pth', map_location='cpu', weights_only=True); "
            "safetensors.torch.save_file(s.get('state_dict', s), 'out.safetensors')`."
        ) from error
