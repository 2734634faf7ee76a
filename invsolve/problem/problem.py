"""`Problem`: operator, observation, noise and prior, checked to fit before any work."""

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import CapabilityError, ComponentError, SpaceError
from invsolve.noise import GaussianNoise, Noise
from invsolve.operator import LinearOperator, Operator
from invsolve.operator.seen_frames import seen_frames
from invsolve.prior import Prior, TractablePrior
from invsolve.prior.prediction import Prediction
from invsolve.prior.residual import ResidualPrior
from invsolve.problem.jacobian import push_forward
from invsolve.problem.requirement import Requirement as Requirement  # noqa: PLC0414 - most rules import it from here
from invsolve.schedule import NoiseLevel
from invsolve.validators import check_type, optional, whole
from invsolve.video.space import VideoSpace

DTYPES = (torch.float32, torch.float64)  # of states; networks may run in half precision inside
Cotangent = Callable[[Tensor, Tensor], Tensor]  # (video, residual) -> cotangent of the video


def _check_parts(problem: "Problem") -> None:
    check_type("the operator of a problem", problem.operator, Operator)
    check_type("the observation", problem.observation, Tensor)
    check_type("the prior of a problem", problem.prior, Prior)
    check_type("the noise of a problem", problem.noise, Noise)
    shape = tuple(problem.observation.shape)
    if len(shape) != 5 or shape[0] == 0:
        raise SpaceError(f"the observation has shape {shape}, expected the five axes b c t h w, each at least 1.")
    if problem.observation.dtype not in DTYPES:
        raise ComponentError(
            f"the observation must be float32 or float64 in [0, 1], got {problem.observation.dtype}; write .float()."
        )


def _space_of(problem: "Problem") -> VideoSpace:
    _check_parts(problem)
    return problem.operator.input_space(VideoSpace.of(problem.observation))


@final
@attrs.frozen(eq=False)
class Problem:
    """Recover ``x`` from ``y = A(x) + noise`` with ``x = decode(z0)`` and ``z0`` from a prior.

    - ``operator``: ``A``.
    - ``observation``: ``y``, finite, ``b c t h w``, float32 or float64; all work runs in its dtype and on its device.
    - ``prior``: the law of ``x``.
    - ``noise``: the law of ``y`` given ``A(x)``; Gaussian with std 0.01 by default.
    - ``space``: the space of ``x``; by default the smallest one whose output has the observation's shape.
    - ``condition``: what the prior is conditioned on, a tensor with one row for each observation, or None.
    - ``decode_frames``: decode and differentiate this many frames at a time where the prior decodes frames alone:
      bounded memory, and a gradient that is the same to rounding.

    Raises `SpaceError` where parts do not fit, naming the part, the axis and both shapes, and `ComponentError` for a
    non-finite observation and for parts of the wrong type.

    ```python
    Problem(operator=TemporalAverage(frames=8), observation=y, prior=SpectralGaussian(), noise=GaussianNoise(std=0.01))
    ```
    """

    operator: Operator
    observation: Tensor
    prior: Prior
    noise: Noise = attrs.field(factory=GaussianNoise)
    space: VideoSpace = attrs.field(default=attrs.Factory(_space_of, takes_self=True))
    condition: Tensor | None = None
    decode_frames: int | None = attrs.field(default=None, validator=optional(whole(least=1)), kw_only=True)

    def __attrs_post_init__(self) -> None:
        _check_parts(self)
        check_type("the space of a problem", self.space, VideoSpace)
        observed = self.operator.output_space(self.space)
        observed.check(
            self.observation, f"the observation of {self.operator} (for videos of c t h w {self.space.shape})"
        )
        broken = ~torch.isfinite(self.observation)
        if bool(broken.any()):
            first = tuple(int(i) for i in broken.nonzero()[0])
            raise ComponentError(
                f"the observation holds {int(broken.sum())} NaN or infinite values, the first at b c t h w = {first}; "
                "mask them out or replace them."
            )
        self.prior.latent_shape(self.space)
        if self.condition is None:
            return
        check_type("the condition of a problem", self.condition, Tensor)
        if len(self.condition) != self.count:
            raise SpaceError(
                f"the condition has {len(self.condition)} rows for {self.count} observations; give one each."
            )

    @property
    def count(self) -> int:
        """The number of observations ``b``."""
        return self.observation.shape[0]

    @property
    def latent_shape(self) -> tuple[int, int, int, int]:
        """The shape ``c t h w`` of one latent."""
        return self.prior.latent_shape(self.space)

    @property
    def linear(self) -> LinearOperator:
        """The operator, if it is linear; raises `CapabilityError` otherwise."""
        if not isinstance(self.operator, LinearOperator):
            raise CapabilityError(
                f"{self.operator} is not linear; use a rule that needs only its gradient, such as dps."
            )
        return self.operator

    @property
    def noise_std(self) -> float:
        """The std of Gaussian noise; raises `CapabilityError` for other noise."""
        if not isinstance(self.noise, GaussianNoise):
            raise CapabilityError(
                f"{self.noise} is not Gaussian; use a rule that needs only its likelihood, such as dps."
            )
        return self.noise.std

    @cached_property
    def decoder_gain(self) -> float:
        """Root mean square size of a video value for one unit of latent: ``||J_D||_F / sqrt(number of video values)``.

        One vector-Jacobian product with a fixed probe at ``z = 0``: exact for decoders that scale and shift, an
        estimate for networks. It turns a latent variance into a variance in video units.
        """
        z = torch.zeros(1, *self.latent_shape).to(self.observation)
        if self.prior.decodes_frames_alone:
            z = z[:, :, :1]
        z.requires_grad_()
        with torch.enable_grad():
            video = self.prior.decode(z)
        probe = torch.randn(video.shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64).to(video)
        (pulled,) = torch.autograd.grad(video, z, probe)
        return float(pulled.norm() / probe.norm())

    def require(self, requirements: Iterable[Requirement], who: str) -> None:
        """Raise `CapabilityError` unless this problem offers all that `who` needs."""
        offered = {
            Requirement.LINEAR: isinstance(self.operator, LinearOperator),
            Requirement.GAUSSIAN_NOISE: isinstance(self.noise, GaussianNoise),
            Requirement.TRACTABLE_PRIOR: isinstance(self.prior, TractablePrior),
            Requirement.RESIDUAL_PRIOR: isinstance(self.prior, ResidualPrior),
        }
        needs = tuple(requirements)
        if Requirement.SEEN_FRAMES in needs:
            offered[Requirement.SEEN_FRAMES] = seen_frames(self.operator, self.space) is not None
        missing = [need for need in needs if not offered[need]]
        if missing:
            raise CapabilityError(
                f"{who} does not fit this problem: it needs {' and '.join(sorted(need.value for need in missing))}, "
                f"but the problem has operator {self.operator}, {self.noise} and the prior {type(self.prior).__name__}."
            )

    def select(self, observations: Iterable[int]) -> "Problem":
        """The problem with the given rows of the observation, in that order, with repeats."""
        rows = torch.tensor(list(observations), device=self.observation.device)
        condition = None if self.condition is None else self.condition[rows]
        return attrs.evolve(self, observation=self.observation[rows], condition=condition)

    def predict(self, z: Tensor, level: NoiseLevel) -> Prediction:
        """The prior's prediction, without a graph."""
        with torch.no_grad():
            return self.prior.predict(z, level, self.condition)

    def decode(self, z: Tensor) -> Float[Tensor, "b c t h w"]:
        """``D(z)`` without a graph, in chunks of frames where the memory policy says so."""
        with torch.no_grad():
            return torch.cat([self.prior.decode(part) for part in self._frame_chunks(z)], dim=2)

    def encode(self, video: Float[Tensor, "b c t h w"]) -> Tensor:
        """``E(x)`` without a graph."""
        with torch.no_grad():
            return self.prior.encode(video)

    def forward(self, z0: Tensor) -> Float[Tensor, "b c t h w"]:
        """``A(D(z0))`` without a graph."""
        with torch.no_grad():
            return self.operator.forward(self.decode(z0))

    def residual(self, z0: Tensor) -> Float[Tensor, "b c t h w"]:
        """``r = y - A(D(z0))`` without a graph."""
        return self.observation - self.forward(z0)

    def transposed_jacobian(self, video: Tensor, cotangent: Tensor) -> Tensor:
        """``(dA/dx)^T cotangent`` at `video`: the adjoint of a linear operator, autograd otherwise."""
        if isinstance(self.operator, LinearOperator):
            return self.operator.adjoint(cotangent)
        video = video.detach().requires_grad_()
        with torch.enable_grad():
            observed = self.operator.forward(video)
        return torch.autograd.grad(observed, video, cotangent)[0]

    def pull_back(self, z: Tensor, level: NoiseLevel, cotangent: Cotangent) -> tuple[Prediction, Tensor, Tensor]:
        """Predict, decode, and pull a cotangent of the video back to ``z``: ``(dz0/dz)^T (dD/dz0)^T c``.

        `cotangent` maps (video ``D(z0)``, residual ``y - A(D(z0))``) to ``c``, both without a graph. Returns the
        prediction (without a graph), the gradient, and the residual. One pass of the prior forward and one back; of the
        decoder too, or, where decoding is chunked, two passes in chunks.
        """
        if self._chunked:
            return self.pull_back_denoiser(z, level, lambda z0: self.pull_back_decoder(z0, cotangent))
        z = z.detach().requires_grad_()
        with torch.enable_grad():
            traced = self.prior.predict(z, level, self.condition)
            video = self.prior.decode(traced.observed)
        residual, pushed = self._video_cotangent(video.detach(), cotangent)
        (gradient,) = torch.autograd.grad(video, z, pushed)
        return traced.detach(), gradient, residual

    def pull_back_denoiser(
        self, z: Tensor, level: NoiseLevel, cotangent: Callable[[Tensor], tuple[Tensor, Tensor]]
    ) -> tuple[Prediction, Tensor, Tensor]:
        """Predict and pull a cotangent of the latent back to ``z``; `cotangent`: ``z0`` to (cotangent, residual)."""
        z = z.detach().requires_grad_()
        with torch.enable_grad():
            traced = self.prior.predict(z, level, self.condition)
        prediction = traced.detach()
        pushed, residual = cotangent(prediction.observed)
        (gradient,) = torch.autograd.grad(traced.observed, z, pushed)
        return prediction, gradient, residual

    def misfit_gradient(self, z: Tensor, level: NoiseLevel) -> tuple[Prediction, Tensor, Tensor]:
        """The prediction, ``grad_z ||y - A(D(z0(z)))||^2`` (a sum over each item's values), and the residual."""
        return self.pull_back(z, level, self.misfit_cotangent)

    def likelihood_gradient(self, z: Tensor, level: NoiseLevel) -> tuple[Prediction, Tensor, Tensor]:
        """The prediction, ``grad_z log p(y | A(D(z0(z))))`` under the problem's noise, and the residual."""
        return self.pull_back(z, level, self.likelihood_cotangent)

    def misfit_cotangent(self, video: Tensor, residual: Tensor) -> Tensor:
        """``grad_x ||y - A(x)||^2`` at `video`."""
        return self.transposed_jacobian(video, -2 * residual)

    def likelihood_cotangent(self, video: Tensor, _: Tensor) -> Tensor:
        """``grad_x log p(y | A(x))`` at `video`, under the problem's noise."""
        video = video.detach().requires_grad_()
        with torch.enable_grad():
            loss = self.noise.negative_log_likelihood(self.observation, self.operator.forward(video)).sum()
        return -torch.autograd.grad(loss, video)[0]

    def pull_back_decoder(self, z0: Tensor, cotangent: Cotangent) -> tuple[Tensor, Tensor]:
        """``(dD/dz0)^T c`` with `cotangent` as in `pull_back`, and the residual; the denoiser is left out.

        Two passes where decoding is chunked (peak memory: one chunk), one pass otherwise.
        """
        if not self._chunked:
            z0 = z0.detach().requires_grad_()
            with torch.enable_grad():
                video = self.prior.decode(z0)
            residual, pushed = self._video_cotangent(video.detach(), cotangent)
            return torch.autograd.grad(video, z0, pushed)[0], residual
        residual, pushed = self._video_cotangent(self.decode(z0), cotangent)
        gradients = []
        for part, pushed_part in zip(self._frame_chunks(z0), self._frame_chunks(pushed), strict=True):
            leaf = part.detach().requires_grad_()
            with torch.enable_grad():
                decoded = self.prior.decode(leaf)
            gradients.append(torch.autograd.grad(decoded, leaf, pushed_part)[0])
        return torch.cat(gradients, dim=2), residual

    def push_forward_decoder(self, z0: Tensor, tangent: Tensor) -> Float[Tensor, "b c t h w"]:
        """``(dD/dz0) tangent``: a Jacobian-vector product, in chunks like `decode`."""
        parts = zip(self._frame_chunks(z0), self._frame_chunks(tangent), strict=True)
        return torch.cat([push_forward(self.prior.decode, part, direction) for part, direction in parts], dim=2)

    def _video_cotangent(self, video: Tensor, cotangent: Cotangent) -> tuple[Tensor, Tensor]:
        with torch.no_grad():
            residual = self.observation - self.operator.forward(video)
        return residual, cotangent(video, residual)

    @property
    def _chunked(self) -> bool:
        return self.decode_frames is not None and self.prior.decodes_frames_alone

    def _frame_chunks(self, tensor: Tensor) -> tuple[Tensor, ...]:
        return torch.split(tensor, self.decode_frames, dim=2) if self._chunked and self.decode_frames else (tensor,)
