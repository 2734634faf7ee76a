"""Whether two seen frames show the same scene: how much of one the optical flow finds again in the other."""

from itertools import pairwise
from typing import Final

from jaxtyping import Float
from torch import Tensor

from invsolve.motion.bilinear import look_up
from invsolve.motion.optical_flow import Flow
from invsolve.problem import Problem
from invsolve.video.transfer import in_transfer
from invsolve_samplers.interpolation.keyframes import Keyframes
from invsolve_samplers.interpolation.motion import Motion, shown, sources

# of the pixels; unrelated pictures have at most 0.1, frames of a clip that are worth warping 0.25 and more
LEAST: Final = 0.2
CHANGE: Final = 0.1  # of brightness along the flow, display-encoded, beyond which a pixel is not the same


def recognised(motion: Motion, tolerance: float) -> Float[Tensor, " b"]:
    """The share of pixels from which the flow leads into the other frame and back again, and to the same brightness.

    Over both frames; brightness may change by `tolerance`, mean over channels.
    """
    there = _again(motion.first, motion.last, motion.forward, motion.backward, tolerance)
    back = _again(motion.last, motion.first, motion.backward, motion.forward, tolerance)
    return (there + back) / 2


def _again(picture: Tensor, other: Tensor, flow: Tensor, back: Tensor, tolerance: float) -> Float[Tensor, " b"]:
    change = (picture - look_up(other, sources(flow))).abs().mean(1, keepdim=True)
    return (shown(flow, back) * (change <= tolerance)).mean((1, 2, 3))


def unrecognised(problem: Problem, flow: Flow) -> tuple[str, ...]:
    """A remark on the pair of seen frames of which `flow` finds the least again, where that is below a fifth.

    Raises what `Keyframes.of` and the flow raise.
    """
    keyframes = Keyframes.of(problem)
    flows = keyframes.flows(flow)
    tolerance = CHANGE + 2 * float(problem.noise.standard_deviation(keyframes.video).mean())
    encoded = in_transfer(keyframes.video, keyframes.transfer, "srgb")
    gaps = [
        (share, place, following)
        for gap, (place, following) in enumerate(pairwise(keyframes.places))
        if following - place > 1
        for share in recognised(
            Motion(encoded[:, :, gap], encoded[:, :, gap + 1], flows[0][:, gap], flows[1][:, gap]), tolerance
        ).tolist()
    ]
    lost = [gap for gap in gaps if gap[0] < LEAST]
    if not lost:
        return ()
    share, place, following = min(lost)
    others = "" if len(lost) == 1 else f" ({len(lost)} of {len(gaps)} pairs of seen frames are below {LEAST:.0%})"
    return (
        f"Optical flow finds only {share:.0%} of the pixels of frames {place} and {following} again in one another"
        f"{others}: they seem to show different scenes, or changed too much to be followed, and the frames between them"
        " are a morph that means nothing.",
        "Leave out what lies beyond a cut, give frames closer in time, or write `sampler.flow: {use: still}` for a"
        " cross-fade.",
    )
