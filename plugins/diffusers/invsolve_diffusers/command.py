"""`invsolve weights`: small random checkpoints, original files as checkpoints of diffusers, prompts embedded once."""

import sys
from pathlib import Path

from cyclopts import App

from invsolve_diffusers.embeddings_command import embed

app = App("weights", help="Make small random checkpoints; convert original files; embed prompts.")
app.command(embed)


@app.command
def tiny(family: str, folder: Path, *, seed: int = 0) -> None:
    """Write a small random checkpoint, to try a recipe's plumbing in seconds.

    Parameters
    ----------
    family
        cogvideox, unet3d, tft2v, wan, ltx, hunyuan, mochi, latte, animatediff, cogvideox-5b, cogvideox-5b-i2v,
        cogvideox-1.5, ...
    folder
        Where to; must not be there or be empty.
    seed
        Of the random parameters.
    """
    from invsolve_diffusers.tiny.factory import write_tiny

    sys.stdout.write(f"{write_tiny(family, folder, seed)}\n")
