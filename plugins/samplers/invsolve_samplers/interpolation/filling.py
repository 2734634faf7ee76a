"""The common part of samplers that fill the frames between seen ones."""

import attrs

from invsolve.motion.optical_flow import Flow
from invsolve.problem import Problem, Requirement
from invsolve.randomness import Randomness
from invsolve.sampler.guidance import Info, misfit
from invsolve_samplers.interpolation.keyframes import Keyframes
from invsolve_samplers.interpolation.state import BridgeState
from invsolve_samplers.interpolation.warp_chain import WarpChain

NEEDS = frozenset({Requirement.SEEN_FRAMES})
REMARK = "Without draws the seen frames are kept as they are, so that their residual is 0."

SUPER_SLOMO = (
    "@inproceedings{jiang2018super,\n"
    "  title = {Super SloMo: High Quality Estimation of Multiple Intermediate Frames for Video Interpolation},\n"
    "  author = {Jiang, Huaizu and Sun, Deqing and Jampani, Varun and Yang, Ming-Hsuan and Learned-Miller, Erik "
    "and Kautz, Jan},\n"
    "  booktitle = {IEEE Conference on Computer Vision and Pattern Recognition},\n  year = {2018}\n}"
)
SPLATTING = (
    "@inproceedings{niklaus2020softmax,\n"
    "  title = {Softmax Splatting for Video Frame Interpolation},\n"
    "  author = {Niklaus, Simon and Liu, Feng},\n"
    "  booktitle = {IEEE Conference on Computer Vision and Pattern Recognition},\n  year = {2020}\n}"
)
OCCLUSION = (
    "@inproceedings{sundaram2010dense,\n"
    "  title = {Dense Point Trajectories by {GPU}-Accelerated Large Displacement Optical Flow},\n"
    "  author = {Sundaram, Narayanan and Brox, Thomas and Keutzer, Kurt},\n"
    "  booktitle = {European Conference on Computer Vision},\n  year = {2010}\n}"
)


def start(problem: Problem, flow: Flow) -> BridgeState:
    """The flows across the gaps, and a cross-fade of the frames on either side."""
    keyframes = Keyframes.of(problem)
    flows = keyframes.flows(flow)
    faded = keyframes.filled(
        flows,
        lambda motion, count: [motion.first.lerp(motion.last, (t + 1) / (count + 1)) for t in range(count)],
    )
    return BridgeState(problem.encode(faded), *flows)


def interpolated(problem: Problem, state: BridgeState, chain: WarpChain, rng: Randomness) -> tuple[BridgeState, Info]:
    """The state with every gap filled by `chain`; draws begin with the seen frames, ``y`` and noise of its own size."""
    keyframes, flows = Keyframes.of(problem), (state.forward, state.backward)
    if chain.draw:
        seen = keyframes.video
        seen = seen + problem.noise.standard_deviation(seen) * rng.normal(seen)
        keyframes = attrs.evolve(keyframes, video=seen)
    z = problem.encode(keyframes.filled(flows, lambda motion, count: chain.fill(motion, count, rng)))
    return BridgeState(z, *flows), {"misfit": misfit(problem.residual(z))}
