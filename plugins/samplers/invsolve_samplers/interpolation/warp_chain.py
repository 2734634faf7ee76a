"""`WarpChain`: the frames between two others, each drawn from its law given the next one."""

from typing import final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.randomness import Randomness
from invsolve_samplers.interpolation.grain import Grain
from invsolve_samplers.interpolation.motion import Motion, View, sources
from invsolve_samplers.interpolation.warp_posterior import Solver, WarpPosterior


@final
@attrs.frozen
class WarpChain:
    """Frames ``t = T - 1, ..., 1`` between frames 0 and T, at the times ``l_t = t / T``.

    Each has a prior ``N(mu_t, B_t)`` from the two ends, ``mu_t = w_f W_0 x_0 + w_b W_T x_T``, and is seen through the
    next frame, ``x_(t+1) given x_t ~ N(w_f W x_t + w_b W_T x_T, B_(t+1))``; ``W`` follows the motion by one frame.

    Attributes:
        std: of a frame about its mean [values in 0..1].
        disagreement: what a difference between the two warped ends, root mean square over channels, adds to it. ``B_t =
            (std^2 + disagreement^2 d^2) 4 l (1 - l)``, without the last factor if not normalised.
        occlusion: as the samplers say.
        solver: as the samplers say.
        draw: as the samplers say.
        grain: of the noise that draws are made with.
        normalised: ``w_f = (1 - l) m / n``, ``w_b = l (1 - m) / n``, ``n = (1 - l) m + l (1 - m)``; False: ``n = 1``
            and masks of 0 and 1.
    """

    std: float
    disagreement: float
    occlusion: float
    solver: Solver
    draw: bool
    normalised: bool = True
    grain: Grain = attrs.field(factory=Grain)

    def fill(self, motion: Motion, count: int, rng: Randomness) -> list[Float[Tensor, "b c h w"]]:
        """The `count` frames between the ends of `motion`, in the order of time."""
        following, later, view_later = None, 0.0, None
        frames: list[Tensor] = []
        for t in range(count, 0, -1):
            time = t / (count + 1)
            view = motion.at(time)
            centre, spread = self.mean(view, time), self.variance(view, time)
            if following is None or view_later is None:
                # lambda is 1 at the last frame, which adds nothing on the one before it
                frame = centre + spread.sqrt() * self.grain.draw(centre, rng) if self.draw else centre
            else:
                forward, backward = self.weights(view_later, later)
                posterior = WarpPosterior(
                    warp=sources(view_later.to_first / (t + 1)),
                    weight=forward,
                    shift=backward * view_later.last,
                    variance=self.variance(view_later, later),
                    centre=centre,
                    spread=spread,
                    solver=self.solver,
                    grain=self.grain,
                )
                frame = posterior.sample(following, rng) if self.draw else posterior.mean(following)
            frames.append(frame)
            following, later, view_later = frame, time, view
        return frames[::-1]

    def mean(self, view: View, time: float) -> Float[Tensor, "b c h w"]:
        """``mu``, from the two ends."""
        forward, backward = self.weights(view, time)
        return forward * view.first + backward * view.last

    def weights(self, view: View, time: float) -> tuple[Float[Tensor, "b 1 h w"], Float[Tensor, "b 1 h w"]]:
        """``w_f`` and ``w_b`` at ``l = time`` in (0, 1)."""
        if self.normalised:
            mask = 1 / 2 + self.occlusion * (view.mask - 1 / 2)
            forward, backward = (1 - time) * mask, time * (1 - mask)
            return forward / (forward + backward), backward / (forward + backward)
        # where both frames show a pixel, the nearer one gives it
        mask = torch.where(view.mask == 1 / 2, float(time < 1 / 2), view.mask).round()
        return (1 - time) * mask, time * (1 - mask)

    def variance(self, view: View, time: float) -> Float[Tensor, "b 1 h w"]:
        """``B``."""
        differing = (view.first - view.last).square().mean(1, keepdim=True)
        shape = 4 * time * (1 - time) if self.normalised else 1.0
        return shape * (self.std**2 + self.disagreement**2 * smoothed(differing))


def smoothed(picture: Float[Tensor, "b 1 h w"]) -> Float[Tensor, "b 1 h w"]:
    """Means over 5 x 5 pixels, fewer at the border."""
    return torch.nn.functional.avg_pool2d(picture, 5, stride=1, padding=2, count_include_pad=False)
