"""Weights `blocksworld`: a prior trained on the toy world, inside of this package."""

from pathlib import Path
from typing import final

import attrs

from invsolve.errors import ReadError
from invsolve.prior.weights import Weights


@final
@attrs.frozen
class BlocksworldWeights(Weights):
    """A transformer and an autoencoder trained on 10 frames of 64 x 64 pixels of the world `few`, in linear light.

    The model file records how they were trained and what was measured; `REPORT.md` next to the package shows it. The
    clips had 12.5 frames/s, every fourth frame of a clock of 50 frames/s.

    Raises:
        ReadError: where the file was left out of the installation.

    Examples:
        ```python
        BlocksworldWeights().path()
        ```

        ```yaml
        prior: {use: stdit, weights: blocksworld}
        ```
    """

    def path(self) -> Path:
        """The model file."""
        path = Path(__file__).parent / "blocksworld.safetensors"
        if not path.is_file():
            raise ReadError(f"the weights {path} are not there; install invsolve-blocksworld again.")
        return path
