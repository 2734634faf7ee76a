"""`invsolve weights`: small random checkpoints, original files as checkpoints of diffusers, prompts embedded once."""

import sys
from pathlib import Path

from cyclopts import App

from invsolve_diffusers.commands.embed import embed

app = App("weights", help="Make small random checkpoints; convert original files; embed prompts.")
app.command(embed)


@app.command
def tiny(family: str, folder: Path, *, seed: int = 0) -> None:
    """Write a small random checkpoint, to try a recipe's plumbing in seconds.

    Args:
        family: A family, as `invsolve plugins list` names them, or a variant, such as cogvideox-5b; a wrong one lists
            all.
        folder: Where to; must not be there or be empty.
        seed: Of the random parameters.
    """
    from invsolve_diffusers.tiny.factory import write_tiny

    sys.stdout.write(f"{write_tiny(family, folder, seed)}\n")


@app.command
def convert(file: Path, folder: Path, *, vae: Path) -> None:
    """Turn an original file of ModelScope's or TF-T2V's 3D-UNet into a checkpoint that `unet3d` reads.

    Args:
        file: The network's parameters under their original names, in safetensors.
        folder: Where to; must not be there.
        vae: The folder of its autoencoder in the layout of diffusers; that of Stable Diffusion 2.1 belongs to both.
    """
    from invsolve_diffusers.commands.convert import convert as write

    sys.stdout.write(f"{write(file, vae, folder)}\n")
