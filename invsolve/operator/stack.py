"""Several observations of one scene, one after the other along the frames: `Stack`, `NonlinearStack`, `stack`."""

from typing import final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import ComponentError, SpaceError
from invsolve.operator.operator import LinearOperator, Operator
from invsolve.operator.pipeline import Scaled, pipeline
from invsolve.video.space import VideoSpace


def _check_parts(operators: tuple[Operator, ...], frames: tuple[int, ...]) -> None:
    if not operators or len(operators) != len(frames) or min(frames) < 1:
        raise ComponentError(
            f"a stack needs operators and the number of frames of each one's observation, got {len(operators)} "
            f"operators and frames {frames}."
        )


def _output_space(operators: tuple[Operator, ...], frames: tuple[int, ...], space: VideoSpace) -> VideoSpace:
    parts = [operator.output_space(space) for operator in operators]
    for position, (operator, part, count) in enumerate(zip(operators, parts, frames, strict=True)):
        where = f"observation {position + 1} of {len(operators)}, {operator}"
        if part.frames != count:
            raise SpaceError(f"{where}: it has {part.frames} frames, but the stack declares {count}.")
        differing = [
            f"{axis} is {getattr(part, axis)}, in the first {getattr(parts[0], axis)}"
            for axis in ("channels", "height", "width")
            if getattr(part, axis) != getattr(parts[0], axis)
        ]
        if differing:
            raise SpaceError(f"{where}: stacked observations differ in frames alone, but {'; '.join(differing)}.")
    return _common(parts, sum(frames))


def _input_space(operators: tuple[Operator, ...], frames: tuple[int, ...], observed: VideoSpace) -> VideoSpace:
    if observed.frames != sum(frames):
        raise SpaceError(f"the stack has {sum(frames)} frames ({frames}), but the observation has {observed.frames}.")
    spaces = [
        operator.input_space(attrs.evolve(observed, frames=count))
        for operator, count in zip(operators, frames, strict=True)
    ]
    shapes = [space.shape for space in spaces]
    if len(set(shapes)) > 1:
        listed = ", ".join(f"{operator}: {shape}" for operator, shape in zip(operators, shapes, strict=True))
        raise SpaceError(f"the stacked operators see scenes of different c t h w: {listed}.")
    return _common(spaces, spaces[0].frames)


def _common(spaces: list[VideoSpace], frames: int) -> VideoSpace:
    """The first space with `frames` frames, and the frame rate and transfer that all share, if they do."""
    rates = {space.frame_rate for space in spaces}
    transfers = {space.transfer for space in spaces}
    return attrs.evolve(
        spaces[0],
        frames=frames,
        frame_rate=spaces[0].frame_rate if len(rates) == 1 else None,
        transfer=spaces[0].transfer if len(transfers) == 1 else "unknown",
    )


@final
@attrs.frozen
class Stack(LinearOperator):
    """``A x = (A_1 x, A_2 x, ...)`` along the frames; ``A^T y = sum_i A_i^T y_i``.

    The rules for linear operators know one noise std. Observations with different ones fit after division by theirs:
    `stack` with `stds` does that to the operators, `join` to the observations, and the noise std is then 1. Rules that
    ask only for a likelihood take `StackedNoise` instead. Solutions by conjugate gradients.

    Attributes:
        operators: linear, all of the same scene; their observations may differ in the number of frames alone.
        frames: the number of frames of each observation [frames].

    Raises:
        ComponentError: without operators.
        SpaceError: where observations or scenes do not match.

    References:
        The joint likelihood of independent observations.

    Examples:
        ```python
        from invsolve_operators import SelectFrames, TemporalAverage

        Stack(operators=(TemporalAverage(frames=8), SelectFrames(indices=(0, 7), frames=8)), frames=(1, 2))
        ```

        ```yaml
        operator:
          use: stack
          operators: [{use: temporal_average, frames: 8}, {use: select_frames, indices: [0, 7], frames: 8}]
          frames: [1, 2]
        ```
    """

    operators: tuple[LinearOperator, ...]
    frames: tuple[int, ...]

    def __attrs_post_init__(self) -> None:
        _check_parts(self.operators, self.frames)

    def forward(self, x: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c2 t2 h2 w2"]:
        """The observations, one after the other."""
        self.output_space(VideoSpace.of(x))
        return torch.cat([operator.forward(x) for operator in self.operators], dim=2)

    def adjoint(self, y: Float[Tensor, "b c2 t2 h2 w2"]) -> Float[Tensor, "b c t h w"]:
        """The sum over the observations."""
        self.input_space(VideoSpace.of(y))
        parts = torch.split(y, list(self.frames), dim=2)
        first, *others = (operator.adjoint(part) for operator, part in zip(self.operators, parts, strict=True))
        return sum(others, start=first)

    def output_space(self, space: VideoSpace) -> VideoSpace:
        """The observations' space, with all their frames."""
        return _output_space(self.operators, self.frames, space)

    def input_space(self, observed: VideoSpace) -> VideoSpace:
        """The scene's space, on which all operators agree."""
        return _input_space(self.operators, self.frames, observed)


@final
@attrs.frozen
class NonlinearStack(Operator):
    """``A(x) = (A_1(x), A_2(x), ...)`` along the frames, as `Stack` for operators of any kind.

    Attributes:
        operators: all of the same scene; their observations may differ in the number of frames alone.
        frames: the number of frames of each observation [frames].

    Raises:
        ComponentError: without operators.
        SpaceError: where observations or scenes do not match.

    References:
        The joint likelihood of independent observations.

    Examples:
        ```python
        from invsolve_operators import CameraResponse

        NonlinearStack(operators=(CameraResponse(curve="srgb"), CameraResponse(curve="gamma:1.8")), frames=(4, 4))
        ```

        ```yaml
        operator:
          use: nonlinear_stack
          operators: [{use: camera_response, curve: srgb}, {use: camera_response, curve: gamma:1.8}]
          frames: [4, 4]
        ```
    """

    operators: tuple[Operator, ...]
    frames: tuple[int, ...]

    def __attrs_post_init__(self) -> None:
        _check_parts(self.operators, self.frames)

    def forward(self, x: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c2 t2 h2 w2"]:
        """The observations, one after the other."""
        self.output_space(VideoSpace.of(x))
        return torch.cat([operator.forward(x) for operator in self.operators], dim=2)

    def output_space(self, space: VideoSpace) -> VideoSpace:
        """The observations' space, with all their frames."""
        return _output_space(self.operators, self.frames, space)

    def input_space(self, observed: VideoSpace) -> VideoSpace:
        """The scene's space, on which all operators agree."""
        return _input_space(self.operators, self.frames, observed)


def stack(*operators: Operator, frames: tuple[int, ...], stds: tuple[float, ...] | None = None) -> Operator:
    """Stack operators, whose observations have `frames` frames each; linear when all of them are.

    With `stds`, each operator is divided by the noise std of its observation [in units of the observation]: together
    with `join` and ``GaussianNoise(std=1.0)`` that is the exact likelihood of observations of different quality.

    Raises:
        ComponentError: for lists of different lengths and stds that are not positive.
    """
    if stds is not None:
        _check_stds(stds, len(operators))
        operators = tuple(
            pipeline(operator, Scaled(factor=1 / std)) for operator, std in zip(operators, stds, strict=True)
        )
    linear = tuple(operator for operator in operators if isinstance(operator, LinearOperator))
    if len(linear) == len(operators):
        return Stack(operators=linear, frames=frames)
    return NonlinearStack(operators=operators, frames=frames)


def join(
    *observations: Float[Tensor, "b c _ h w"], stds: tuple[float, ...] | None = None
) -> Float[Tensor, "b c t h w"]:
    """Observations one after the other along the frames, each divided by its noise std where `stds` are given.

    Raises:
        ComponentError: for lists of different lengths and stds that are not positive.
    """
    if stds is not None:
        _check_stds(stds, len(observations))
        observations = tuple(y / std for y, std in zip(observations, stds, strict=True))
    return torch.cat(observations, dim=2)


def _check_stds(stds: tuple[float, ...], count: int) -> None:
    if len(stds) != count or min(stds, default=1.0) <= 0:
        raise ComponentError(f"stds must be {count} positive numbers, one per observation, got {stds}.")
