"""`Motion`: where the scene is between two frames, and which of the two shows it."""

from typing import final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.motion.bilinear import bilinear_sources, look_up, splat
from invsolve.motion.optical_flow import Flow, flows_between

SHARPNESS = 30.0  # per unit of brightness: how a pixel that changes on its way gives way to one that does not
LEAST = 1e-3  # weight of a pixel that changes much
ELSEWHERE = 1e-6  # weight of the flow that fills the holes
RELATIVE, ABSOLUTE = 0.01, 0.5  # of the forward-backward test [1, pixels^2]


@final
@attrs.frozen(eq=False)
class View:
    """A frame between two others, as each of the two shows it.

    Attributes:
        first: the two frames, warped to here.
        last: the two frames, warped to here.
        to_first: where each pixel is in the two frames: displacements along ``(h, w)`` [pixels].
        to_last: where each pixel is in the two frames: displacements along ``(h, w)`` [pixels].
        mask: ``m``, 1 where only the first frame shows the pixel, 0 where only the last does, 1/2 where both do.
    """

    first: Float[Tensor, "b c h w"]
    last: Float[Tensor, "b c h w"]
    to_first: Float[Tensor, "b 2 h w"]
    to_last: Float[Tensor, "b 2 h w"]
    mask: Float[Tensor, "b 1 h w"]


@final
@attrs.frozen(eq=False)
class Motion:
    """Straight motion at constant speed from one frame to another.

    The motion ``v`` at ``time`` in (0, 1) is splatted there along itself, from the first frame by ``time`` times the
    forward flow and from the last by ``1 - time`` times the backward flow, with weights ``exp(-30 |e|)``, at least
    0.001, for the change of brightness ``e`` along the flow, so that what is hidden gives way to what hides it. Where
    nothing arrives it is ``(1 - time) forward - time backward``. ``to_first`` is ``-time v``, ``to_last`` is
    ``(1 - time) v``.

    A pixel is hidden in the other frame if its flow there leads out of the frame or not back again:
    ``|f(p) + f'(p + f(p))|^2 > 0.01 (|f|^2 + |f'|^2) + 0.5``.

    Attributes:
        first: the two frames.
        last: the two frames.
        forward: the flows between them [pixels].
        backward: the flows between them [pixels].

    References:
        Niklaus and Liu 2020, section 3 (softmax splatting by brightness constancy), Jiang et al. 2018, eq. 4 (the flow
        that fills holes), Sundaram, Brox and Keutzer 2010, eq. 5 (the forward-backward test).
    """

    first: Float[Tensor, "b c h w"]
    last: Float[Tensor, "b c h w"]
    forward: Float[Tensor, "b 2 h w"]
    backward: Float[Tensor, "b 2 h w"]

    @classmethod
    def between(cls, first: Tensor, last: Tensor, flow: Flow) -> "Motion":
        """The motion that `flow` finds."""
        return cls(first, last, *flows_between(flow, first, last))

    def at(self, time: float) -> View:
        """The frame at ``time``: 0 is the first, 1 the last."""
        velocity = self._velocity(time)
        to_first, to_last = -time * velocity, (1 - time) * velocity
        first, last = sources(to_first), sources(to_last)
        in_last = look_up(shown(self.forward, self.backward), first)
        in_first = look_up(shown(self.backward, self.forward), last)
        mask = (1 + in_first - in_last) / 2
        return View(look_up(self.first, first), look_up(self.last, last), to_first, to_last, mask)

    def _velocity(self, time: float) -> Tensor:
        from_first = (1 - time) * _constancy(self.first, self.last, self.forward)
        from_last = time * _constancy(self.last, self.first, self.backward)
        arrived = splat(torch.cat([from_first * self.forward, from_first], 1), sources(time * self.forward, "zero"))
        arrived = arrived + splat(
            torch.cat([-from_last * self.backward, from_last], 1), sources((1 - time) * self.backward, "zero")
        )
        plain = (1 - time) * self.forward - time * self.backward
        return (arrived[:, :2] + ELSEWHERE * plain) / (arrived[:, 2:] + ELSEWHERE)


def sources(flow: Float[Tensor, "b 2 h w"], border: str = "replicate") -> tuple[Tensor, Tensor]:
    """`bilinear_sources` for pictures ``b c h w``: one flow for all channels."""
    return bilinear_sources(flow[:, None], "zero" if border == "zero" else "replicate")


def shown(flow: Float[Tensor, "b 2 h w"], back: Float[Tensor, "b 2 h w"]) -> Float[Tensor, "b 1 h w"]:
    """1 where the other frame shows a pixel too, 0 where it is hidden there or outside."""
    height, width = flow.shape[-2:]
    there = look_up(back, sources(flow))
    error = (flow + there).square().sum(1, keepdim=True)
    allowed = RELATIVE * (flow.square() + there.square()).sum(1, keepdim=True) + ABSOLUTE
    row = torch.arange(height, device=flow.device)[:, None] + flow[:, :1]
    column = torch.arange(width, device=flow.device) + flow[:, 1:]
    inside = (row >= 0) & (row <= height - 1) & (column >= 0) & (column <= width - 1)
    return ((error <= allowed) & inside).to(flow.dtype)


def _constancy(picture: Tensor, other: Tensor, flow: Tensor) -> Float[Tensor, "b 1 h w"]:
    change = (picture - look_up(other, sources(flow))).abs().mean(1, keepdim=True)
    return torch.exp(-SHARPNESS * change).clamp_min(LEAST)
