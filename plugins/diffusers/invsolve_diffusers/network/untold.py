"""`untold` and `blank`: what a denoiser is given where no text is."""

from typing import Any, Final

import torch

from invsolve.errors import CapabilityError, ComponentError
from invsolve_diffusers.network.configs import Configs
from invsolve_diffusers.network.embedding import Embedding
from invsolve_diffusers.network.family import Family

NOTHING: Final = (1, 0, 0)


def untold(family: Family, configs: Configs, prompt: str, where: str) -> Embedding:
    """What stands for the prompt of a model without text: nothing, or the number of a class.

    Raises:
        CapabilityError: for a prompt that nothing would read.
        ComponentError: for one that is not a class.
    """
    classes = family.classes(configs)
    if not classes:
        if prompt:
            raise CapabilityError(f"{where} takes no text, got the prompt {prompt!r}; leave it out.")
        return Embedding(tokens=torch.zeros(NOTHING))
    if not prompt.isdecimal() or int(prompt) >= classes:
        raise ComponentError(
            f"{where} models pictures of {classes} classes: write the number of one as its prompt, `prompt: '0'` to "
            f"`'{classes - 1}'`, got {prompt!r}."
        )
    return Embedding(tokens=torch.zeros(NOTHING), label=torch.tensor([int(prompt)]))


def blank(family: Family, configs: Configs, device: Any) -> Embedding:
    """An embedding of the right sizes, without content."""
    if family.text is not None:
        return family.text.blank(configs.denoiser, device)
    label = torch.zeros(1, dtype=torch.int64, device=device) if family.classes(configs) else None
    return Embedding(tokens=torch.zeros(NOTHING, device=device), label=label)
