"""Weights `photographs`: the network for photographs, inside of this package."""

from pathlib import Path
from typing import final

import attrs

from invsolve.errors import ReadError
from invsolve.prior.weights import Weights


@final
@attrs.frozen
class PhotographWeights(Weights):
    """A network of 5.6 M parameters trained on shaken photographs and on a video of 240 frames/s.

    The model file says how it was trained and what was measured; `MODEL_CARD.md` beside the package says from which
    pictures, under which licences, and what it cannot do.

    Raises:
        ReadError: where the file was left out of the installation.

    Examples:
        ```python
        PhotographWeights().path()
        ```

        ```yaml
        prior: {use: photograph, weights: photographs, photograph: {read: image, path: photo.jpg, channels: rgb}}
        ```
    """

    def path(self) -> Path:
        """The model file."""
        path = Path(__file__).parent / "photographs.safetensors"
        if not path.is_file():
            raise ReadError(f"the weights {path} are not there; install invsolve-photographs again.")
        return path
