"""`Keyframes`: the frames of a clip that are seen, in the order of time."""

from collections.abc import Callable
from itertools import pairwise
from typing import final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import CapabilityError
from invsolve.motion.optical_flow import Flow, flows_between
from invsolve.operator.seen_frames import seen_frames
from invsolve.problem import Problem
from invsolve.video.transfer import in_transfer
from invsolve_samplers.interpolation.motion import Motion


@final
@attrs.frozen(eq=False)
class Keyframes:
    """Seen frames ``b c k h w`` and their places in the clip; the first and the last frame of the clip are among them.

    Attributes:
        transfer: of the values; flow is looked for in display-encoded ones.
    """

    video: Float[Tensor, "b c k h w"]
    places: tuple[int, ...]
    transfer: str

    @classmethod
    def of(cls, problem: Problem) -> "Keyframes":
        """The seen frames of a problem.

        Raises:
            CapabilityError: unless the observation shows the first and the last frame of the clip.
        """
        seen = seen_frames(problem.operator, problem.space) or ()
        last = problem.space.frames - 1
        if not {0, last} <= set(seen):
            raise CapabilityError(
                f"interpolation goes between seen frames, but {problem.operator} shows frames {sorted(seen)} of 0 to "
                f"{last}; show the first and the last one too."
            )
        order = sorted(range(len(seen)), key=seen.__getitem__)
        return cls(problem.observation[:, :, order], tuple(seen[m] for m in order), problem.space.transfer)

    def flows(self, flow: Flow) -> tuple[Float[Tensor, "b g 2 h w"], Float[Tensor, "b g 2 h w"]]:
        """The flow across each gap between two seen frames, forward and backward; 0 where no frame is missing."""
        # samples of one observation share its flow, which is found once
        same = [
            next(k for k in range(row + 1) if torch.equal(self.video[k], frames))
            for row, frames in enumerate(self.video)
        ]
        distinct = sorted(set(same))
        rows = [distinct.index(k) for k in same]
        encoded = in_transfer(self.video[distinct], self.transfer, "srgb")
        shape = (len(distinct), len(self.places) - 1, 2, *self.video.shape[3:])
        forward, backward = self.video.new_zeros(shape), self.video.new_zeros(shape)
        for gap, (place, following) in enumerate(pairwise(self.places)):
            if following - place > 1:
                forward[:, gap], backward[:, gap] = flows_between(flow, encoded[:, :, gap], encoded[:, :, gap + 1])
        return forward[rows], backward[rows]

    def filled(
        self, flows: tuple[Tensor, Tensor], fill: Callable[[Motion, int], list[Tensor]]
    ) -> Float[Tensor, "b c t h w"]:
        """The clip with each gap of ``n`` frames filled by ``fill(motion, n)``."""
        frames = [self.video[:, :, 0]]
        for gap, (place, following) in enumerate(pairwise(self.places)):
            ends = self.video[:, :, gap], self.video[:, :, gap + 1]
            if following - place > 1:
                motion = Motion(*ends, flows[0][:, gap], flows[1][:, gap])
                frames += fill(motion, following - place - 1)
            frames.append(ends[1])
        return torch.stack(frames, 2)
