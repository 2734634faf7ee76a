"""`Processes`: the processes that train one network together, one for each device."""

import contextlib
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, final

import attrs
import torch
from torch import nn

from invsolve.errors import ComponentError
from invsolve.training import Shard

if TYPE_CHECKING:
    from accelerate import Accelerator


@final
@attrs.frozen(eq=False)
class Processes:
    """This process among those that ``accelerate launch`` started; alone where it started none.

    Every process draws the same batch, works at its `shard` of it, and steps with the mean of all gradients: what
    ``n`` processes learn is, to rounding, what one learns (an autoencoder normalises latents by the moments of its part
    of the batch, as batch normalisation does). Only the main process writes.
    """

    device: torch.device
    accelerator: "Accelerator | None" = None

    @classmethod
    def joined(cls, device: str) -> "Processes":
        """Join the others; where there are any, each takes a device of the kind of `device`.

        Raises:
            ComponentError: where several processes were launched and accelerate is not installed.
        """
        if int(os.environ.get("WORLD_SIZE", "1")) < 2:
            return cls(torch.device(device))
        try:
            from accelerate import Accelerator
        except ImportError as error:
            raise ComponentError("training with several processes needs: pip install 'invsolve[train]'.") from error
        # the task sets the precision itself, so that one process alone takes the same steps without accelerate
        accelerator = Accelerator(cpu=device == "cpu", mixed_precision="no")
        return cls(accelerator.device, accelerator)

    @property
    def shard(self) -> Shard:
        """The part of every batch that is this process's."""
        if self.accelerator is None:
            return Shard()
        return Shard(self.accelerator.process_index, self.accelerator.num_processes)

    @property
    def is_main(self) -> bool:
        """True for the process that writes."""
        return self.shard.index == 0

    @contextlib.contextmanager
    def main_process_first(self) -> Iterator[None]:
        """Let the main process do something, such as filling a cache, before the others do it."""
        if self.accelerator is None:
            yield
            return
        with self.accelerator.main_process_first():
            yield

    def all_reduce(self, network: nn.Module) -> None:
        """Give every process the mean of all gradients and of all buffers, in one message."""
        if self.accelerator is None:
            return
        held = [parameter.grad for parameter in network.parameters() if parameter.grad is not None]
        held += list(network.buffers())
        together = self.accelerator.reduce(torch.cat([each.flatten() for each in held]), reduction="mean")
        for each, part in zip(held, together.split([each.numel() for each in held]), strict=True):
            each.copy_(part.view_as(each))

    def mean(self, value: torch.Tensor) -> float:
        """The mean over the processes of a number that each has one of."""
        if self.accelerator is not None:
            value = self.accelerator.reduce(value, reduction="mean")
        return float(value)

    def barrier(self) -> None:
        """Wait until every process is here."""
        if self.accelerator is not None:
            self.accelerator.wait_for_everyone()
