"""Weights `blocksworld_conditional`: a prior of the toy world that is shown what was observed."""

from pathlib import Path
from typing import final

import attrs

from invsolve.errors import ReadError
from invsolve.prior.weights import Weights


@final
@attrs.frozen
class ConditionalWeights(Weights):
    """A transformer that is shown one blurred picture and told when each of 1 to 13 frames was exposed.

    Trained on 64 x 64 pixels of the world `few` in linear light, at 12.5 frames/s, with the autoencoder of the weights
    `blocksworld`; exposures of 1 to 13 frames, with past and future around them, and noise with a std of 0.01. It goes
    into `exposure_conditioned`. The model file records how it was trained and what was measured.

    Raises:
        ReadError: where the file was left out of the installation.

    Examples:
        ```python
        ConditionalWeights().path()
        ```

        ```yaml
        prior: {use: exposure_conditioned, prior: {use: stdit, weights: blocksworld_conditional}}
        ```
    """

    def path(self) -> Path:
        """The model file."""
        path = Path(__file__).parent / "conditional.safetensors"
        if not path.is_file():
            raise ReadError(f"the weights {path} are not there; install invsolve-blocksworld again.")
        return path
