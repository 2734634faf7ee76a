"""`invsolve weights embed`: a prompt's embedding, computed once."""

import sys
from pathlib import Path

import numpy as np

from invsolve.errors import WriteError


def embed(path: str, prompt: str = "", *, out: Path | None = None) -> None:
    """Embed a prompt with a checkpoint's own text encoder, and keep it next to the weights.

    The text encoder, often larger than the model, is needed for this alone: the file that is named can be copied to
    where the model runs.

    Args:
        path: A folder in the layout of diffusers, or its name on the hub.
        prompt: The text; the empty one is what priors use without a prompt.
        out: A new .npy file for the tokens, the `condition` of classifier-free guidance (prior: {use: cfg, ...}).
    """
    from invsolve_diffusers.checkpoint import Checkpoint
    from invsolve_diffusers.text.embeddings import kept_embedding, text_condition

    checkpoint = Checkpoint(path)
    tokens = text_condition(checkpoint, prompt)
    sys.stdout.write(f"{kept_embedding(checkpoint, prompt)}\n")
    if out is None:
        return
    try:
        with out.open("xb") as file:
            np.save(file, tokens[0].numpy())
    except OSError as error:
        raise WriteError(f"{out} cannot be written: {error.strerror or error}; name a new file.") from error
    sys.stdout.write(f"{out}\n")
