"""`Configs`: what the files of a checkpoint say of its parts."""

from collections.abc import Mapping
from typing import Any, Literal, final

import attrs

from invsolve_diffusers.configuration.scheduler import Scheduler

Part = Literal["denoiser", "decoder", "scheduler"]


@final
@attrs.frozen(eq=False)
class Configs:
    """The `config.json` of the denoiser and of the autoencoder, and the scheduler.

    What a file leaves out has the default of its class in diffusers.
    """

    denoiser: Mapping[str, Any]
    decoder: Mapping[str, Any]
    scheduler: Scheduler
