"""`invsolve azula`: checkpoints in, safetensors out; small random ones to try."""

import sys
from pathlib import Path

from cyclopts import App

from invsolve.cli.recipe import Overrides

app = App("azula", help="Convert checkpoints of ADM, EDM, EDM2 and JiT to safetensors; make small random ones.")


@app.command
def convert(original: Path, file: Path, *, model: str | None = None, config: Path | None = None) -> None:
    """Rewrite a published checkpoint as a file that `prior: {use: azula, path: FILE}` reads.

    Weights alone are read, and no code of the file is run: .pt and .pth files with torch's restricted reader, .pkl
    files of EDM and EDM2 with one that puts nothing but tensors together.

    Args:
        original: The file: .pkl of EDM and EDM2, which says itself what it is; .pt or .pth of ADM and JiT.
        file: A new .safetensors file.
        model: What a .pt or .pth is: adm/ffhq_256x256, jit/jit_0.1b_16, ...; `invsolve azula models` lists them.
        config: For a network of your own in place of --model: a YAML file of one family's name and its config, {adm:
            {...}}.
    """
    from invsolve_azula.commands.convert import convert as write

    sys.stdout.write(f"{write(original, file, model, config)}\n")


@app.command
def estimate(recipe: Path, *, overrides: Overrides = ()) -> None:
    """Count what a guided step of a recipe takes, before any parameter is read.

    Args:
        recipe: A recipe with the prior azula.
        overrides: PATH=VALUE, as often as needed: samples=4, chunk=1.
    """
    from invsolve_azula.commands.estimate import estimate as count
    from invsolve_azula.commands.estimate import rate_here

    for line in count(recipe, overrides).lines(rate_here()):
        sys.stdout.write(f"{line}\n")


@app.command
def models() -> None:
    """List the published models that azula knows by name, and where their files are."""
    from invsolve_azula.commands.models import listed

    for name, url in listed():
        sys.stdout.write(f"{name}\t{url}\n")


@app.command
def tiny(family: str, file: Path, *, seed: int = 0) -> None:
    """Write a network of some ten thousand random parameters, to try a recipe's plumbing in seconds.

    Args:
        family: adm, edm, edm2 or jit.
        file: A new .safetensors file.
        seed: Of the parameters.
    """
    from invsolve_azula.commands.random_network import write_random
    from invsolve_azula.families.known import family_named

    known = family_named(family)
    sys.stdout.write(f"{write_random(known, known.tiny(), file, seed)}\n")
