"""`FrameRule`: how many frames a family's autoencoder takes to the latent and back without loss or surplus."""

from typing import final

import attrs


@final
@attrs.frozen
class FrameRule:
    """``step k + plus`` frames, at most `most`, become ``ratio``-th as many latent frames.

    Attributes:
        step: clips of ``k step + plus`` frames round trip, ``k >= 0``, at least 1 frame.
        plus: clips of ``k step + plus`` frames round trip, ``k >= 0``, at least 1 frame.
        ratio: video frames for each latent frame after the first; 1 where frames are encoded alone.
        most: the longest clip, or None.
    """

    step: int = 1
    plus: int = 0
    ratio: int = 1
    most: int | None = None

    def allows(self, frames: int) -> bool:
        """True if a clip of that many frames round trips."""
        return (frames - self.plus) % self.step == 0 and self._inside(frames)

    def latent_frames(self, frames: int) -> int:
        """Latent frames of a clip that is allowed."""
        return (frames - 1) // self.ratio + 1

    def frames(self, latent_frames: int) -> int:
        """The clip's frames from its latent's."""
        return (latent_frames - 1) * self.ratio + 1

    def nearest(self, frames: int) -> tuple[int, ...]:
        """The allowed lengths next to `frames`, below and above."""
        below = next((n for n in range(frames, 0, -1) if self.allows(n)), None)
        highest = frames + self.step if self.most is None else self.most
        above = next((n for n in range(frames + 1, highest + 1) if self.allows(n)), None)
        return tuple(n for n in (below, above) if n is not None)

    def __str__(self) -> str:
        if self.most == 1:
            return "one frame"
        said = f"{self.step}k + {self.plus}" if self.step > 1 else "any number of"
        return f"{said} frames" + ("" if self.most is None else f", at most {self.most}")

    def _inside(self, frames: int) -> bool:
        return frames >= 1 and (self.most is None or frames <= self.most)
