"""`StackedNoise`: each of several observations has its own noise."""

from collections.abc import Iterator
from typing import final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import ComponentError, SpaceError
from invsolve.noise.noise import Noise
from invsolve.randomness import Randomness


@final
@attrs.frozen
class StackedNoise(Noise):
    """The noise of a `Stack`: observation ``i`` has the law ``noises[i]``; ``-log p`` is the sum.

    Attributes:
        noises: the law of each observation.
        frames: the number of frames of each observation [frames], as in the stack.

    Raises:
        ComponentError: for lists of different lengths.
        SpaceError: for observations of another length.

    Examples:
        ```python
        StackedNoise(noises=(GaussianNoise(std=0.01), PoissonNoise(gain=0.001)), frames=(1, 2))
        ```

        ```yaml
        noise:
          use: stacked
          noises: [{use: gaussian, std: 0.01}, {use: poisson, gain: 0.001}]
          frames: [1, 2]
        ```
    """

    noises: tuple[Noise, ...]
    frames: tuple[int, ...]

    def __attrs_post_init__(self) -> None:
        if not self.noises or len(self.noises) != len(self.frames) or min(self.frames) < 1:
            raise ComponentError(
                f"stacked noise needs the frames of each observation, got {len(self.noises)} noises and frames "
                f"{self.frames}."
            )

    def sample(self, mean: Float[Tensor, "b c t h w"], rng: Randomness) -> Float[Tensor, "b c t h w"]:
        """Each observation from its own law."""
        return torch.cat([noise.sample(part, rng) for noise, part in self._parts(mean)], dim=2)

    def negative_log_likelihood(
        self, y: Float[Tensor, "b c t h w"], mean: Float[Tensor, "b c t h w"]
    ) -> Float[Tensor, " b"]:
        """The sum over the observations."""
        pairs = zip(self._parts(y), self._parts(mean), strict=True)
        return torch.stack([noise.negative_log_likelihood(part, at) for (noise, part), (_, at) in pairs]).sum(0)

    def standard_deviation(self, mean: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h w"]:
        """Each observation's own."""
        return torch.cat([noise.standard_deviation(part) for noise, part in self._parts(mean)], dim=2)

    def _parts(self, video: Tensor) -> Iterator[tuple[Noise, Tensor]]:
        if video.shape[2] != sum(self.frames):
            raise SpaceError(
                f"the stacked noise has {sum(self.frames)} frames, but the observation has {video.shape[2]}."
            )
        yield from zip(self.noises, torch.split(video, list(self.frames), dim=2), strict=True)
