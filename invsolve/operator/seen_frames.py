"""`seen_frames`: which frames of a clip an operator shows as they are."""

import torch

from invsolve.operator.operator import Operator
from invsolve.video.space import VideoSpace


def seen_frames(operator: Operator, space: VideoSpace) -> tuple[int, ...] | None:
    """The clip's frame behind each observed frame, where ``y[m] = x[n_m]``; None where ``A`` does anything else.

    Found by trying `operator` on a clip of random numbers.
    """
    clip = torch.rand(1, *space.shape, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        observed = operator.forward(clip)
    if observed.shape[1] != clip.shape[1] or observed.shape[3:] != clip.shape[3:]:
        return None
    found = []
    for frame in observed.unbind(2):
        same = [n for n, candidate in enumerate(clip.unbind(2)) if torch.equal(candidate, frame)]
        if len(same) != 1:
            return None
        found.append(same[0])
    return tuple(found)
