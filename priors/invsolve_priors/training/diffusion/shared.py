"""`take_shared`: a new network takes over what it has in common with a trained one."""

import torch
from torch import nn

from invsolve.errors import ReadError


def take_shared(new: nn.Module, trained: nn.Module, where: str) -> tuple[str, ...]:
    """Copy the parameters of equal name and shape from `trained` to `new`; returns their names.

    Raises:
        ReadError: where there is none; `where` is the file they come from.
    """
    theirs = trained.state_dict()
    shared = {
        name: theirs[name]
        for name, own in new.state_dict().items()
        if name in theirs and theirs[name].shape == own.shape
    }
    if not shared:
        raise ReadError(f"{where} has no parameter of the name and shape of one of {type(new).__name__}.")
    with torch.no_grad():
        new.load_state_dict(shared, strict=False)
    return tuple(shared)
