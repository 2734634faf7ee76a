"""`Problem`: operator, observation, noise and prior, checked to fit before any work."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, final

import attrs
import torch
from torch import Tensor

from invsolve.errors import CapabilityError, ComponentError, SpaceError
from invsolve.noise import GaussianNoise, Noise
from invsolve.operator import LinearOperator, Operator
from invsolve.operator.pull_back import pull_back
from invsolve.operator.seen_frames import seen_frames
from invsolve.prior import Prior, TractablePrior
from invsolve.prior.conditional import Conditional
from invsolve.prior.prediction import Prediction
from invsolve.prior.residual import ResidualPrior
from invsolve.prior.wrapped import asked, decoder_of
from invsolve.problem.checked_conditional import CheckedConditional
from invsolve.problem.chunked_decoder import ChunkedDecoder
from invsolve.problem.predicted import check_prediction
from invsolve.problem.requirement import Requirement as Requirement  # noqa: PLC0414 - most rules import it from here
from invsolve.problem.trace import DecoderTrace, Trace
from invsolve.returned import check_instance, check_tensor, refuse
from invsolve.schedule import NoiseLevel
from invsolve.validators import check_type, optional, whole
from invsolve.video.axes import Latent, Observation, Video
from invsolve.video.space import VideoSpace

DTYPES: Final = (torch.float32, torch.float64)  # of states; networks may run in half precision inside


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
    space = problem.operator.input_space(VideoSpace.of(problem.observation))
    check_instance(problem.operator, "input_space", space, VideoSpace)
    return space


def _check_latent_shape(prior: Prior, shape: object) -> None:
    if not (isinstance(shape, tuple) and len(shape) == 4 and all(isinstance(n, int) and n > 0 for n in shape)):
        refuse(prior, "latent_shape", repr(shape)[:80], "a tuple of four sizes c t h w")


@final
@attrs.frozen(eq=False)
class Problem:
    """Recover ``x`` from ``y = A(x) + noise`` with ``x = decode(z0)`` and ``z0`` from a prior.

    Attributes:
        operator: ``A``.
        observation: ``y``, finite, ``b c t h w``, float32 or float64; all work runs in its dtype and on its device.
        prior: the law of ``x``.
        noise: the law of ``y`` given ``A(x)``; Gaussian with std 0.01 by default.
        space: the space of ``x``; by default the smallest one whose output has the observation's shape.
        condition: what the prior is conditioned on, a tensor with one row for each observation, or None.
        decode_frames: decode and differentiate this many frames at a time where the prior decodes frames alone: bounded
            memory, and a gradient that is the same to rounding.

    Raises:
        SpaceError: where parts do not fit, naming the part, the axis and both shapes.
        ComponentError: for a non-finite observation and for parts of the wrong type.

    Examples:
        ```python
        noise = GaussianNoise(std=0.01)
        Problem(operator=TemporalAverage(frames=8), observation=y, prior=SpectralGaussian(), noise=noise)
        ```
    """

    operator: Operator
    observation: Tensor
    prior: Prior
    noise: Noise = attrs.field(factory=GaussianNoise)
    space: VideoSpace = attrs.field(default=attrs.Factory(_space_of, takes_self=True))
    condition: Tensor | None = None
    decode_frames: int | None = attrs.field(default=None, validator=optional(whole(least=1)), kw_only=True)
    _gains: list[tuple[Prior, float]] = attrs.field(factory=list, init=False, repr=False)
    """The gains of decoders that were measured, shared by all problems that are derived from one another."""

    def __attrs_post_init__(self) -> None:
        _check_parts(self)
        check_type("the space of a problem", self.space, VideoSpace)
        observed = self.operator.output_space(self.space)
        check_instance(self.operator, "output_space", observed, VideoSpace)
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
        _check_latent_shape(self.prior, self.prior.latent_shape(self.space))
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

    @property
    def decoder_gain(self) -> float:
        """Root mean square size of a video value for one unit of latent: ``||J_D||_F / sqrt(number of video values)``.

        One vector-Jacobian product with a fixed probe at a fixed ``z ~ N(0, I)``, the law that latents are scaled to
        and that samplers start from: exact for decoders that scale and shift, an estimate for networks, whose norms
        divide by the latent's own spread and have no derivative of use at ``z = 0``. It turns a latent variance into a
        variance in video units. It is measured once for each decoder, for this problem and all that are derived from
        it.
        """
        owner = decoder_of(self.prior)
        for prior, gain in self._gains:
            if prior is owner:
                return gain
        self._gains.append((owner, self._measured_gain()))
        return self._gains[-1][1]

    def _measured_gain(self) -> float:
        generator = torch.Generator().manual_seed(0)
        z = torch.randn(1, *self.latent_shape, generator=generator, dtype=torch.float64).to(self.observation)
        if self.prior.decodes_frames_alone:
            z = z[:, :, :1]
        z.requires_grad_()
        with torch.enable_grad():
            video = self.prior.decode(z)
        probe = torch.randn(video.shape, generator=generator, dtype=torch.float64).to(video)
        pulled = pull_back(video, z, probe)
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
        """The problem with the given rows of observation and condition, in that order, with repeats."""
        rows = torch.tensor(list(observations), device=self.observation.device)
        condition = None if self.condition is None else self.condition[rows]
        return self._derived({"observation": self.observation[rows], "condition": condition})

    def with_noise(self, noise: Noise) -> "Problem":
        """The problem with another law of the noise."""
        check_type("the noise of a problem", noise, Noise)
        return self._derived({"noise": noise})

    def with_prior(self, prior: Prior) -> "Problem":
        """The problem with another prior; raises `SpaceError` where its decoder is another and it does not fit."""
        check_type("the prior of a problem", prior, Prior)
        if decoder_of(prior) is not decoder_of(self.prior):
            prior.latent_shape(self.space)
        return self._derived({"prior": prior})

    def _derived(self, changes: Mapping[str, Any]) -> "Problem":
        # Past the constructor and its checks: what stays was checked, what changes is known to fit.
        derived = object.__new__(Problem)
        for field in attrs.fields(Problem):
            value = changes[field.name] if field.name in changes else getattr(self, field.name)
            object.__setattr__(derived, field.name, value)
        return derived

    def predict(self, z: Latent, level: NoiseLevel) -> Prediction:
        """The prior's prediction of `z` at `level` (``s > 0``), without a graph.

        Raises:
            CapabilityError: where the prior lacks a condition or has none to predict at this level.
        """
        with torch.no_grad():
            found = self.prior.predict(z, level, self.condition)
        check_prediction(asked(self.prior), "predict", found, z)
        return found

    def trace(self, z: Latent, level: NoiseLevel) -> Trace:
        """The prior's prediction with the graph that leads to it: what gradients through the denoiser are taken of.

        Raises:
            CapabilityError: as `predict` does.
        """
        z = z.detach().requires_grad_()
        with torch.enable_grad():
            traced = self.prior.predict(z, level, self.condition)
        check_prediction(asked(self.prior), "predict", traced, z)
        return Trace(traced.detach(), self._traced(traced.likelihood_point), z, traced.likelihood_point)

    def trace_decoder(self, z0: Latent) -> DecoderTrace:
        """The same from a clean latent on, for gradients that leave the denoiser out."""
        return self._traced(z0.detach().requires_grad_())

    def decode(self, z: Latent) -> Video:
        """``D(z)`` without a graph, in chunks of frames if the memory policy asks for them."""
        return self._decoder.decode(z)

    def encode(self, video: Video) -> Latent:
        """``E(x)`` without a graph."""
        with torch.no_grad():
            return self.encode_traced(video)

    def encode_traced(self, video: Video) -> Latent:
        """``E(x)``, with the graph that leads to it where gradients are on."""
        code = self.prior.encode(video)
        check_tensor(decoder_of(self.prior), "encode", code, (len(video), *self.latent_shape), video.dtype)
        return code

    def forward(self, z0: Latent) -> Observation:
        """``A(D(z0))`` without a graph."""
        with torch.no_grad():
            mean = self.operator.forward(self.decode(z0))
        check_tensor(self.operator, "forward", mean, self.observation.shape, self.observation.dtype)
        return mean

    def pseudo_inverse(self, y: Observation) -> Video:
        """``A^+ y`` of the operator.

        Raises:
            CapabilityError: if the operator is not linear.
        """
        video = self.linear.pseudo_inverse(y)
        check_tensor(self.operator, "pseudo_inverse", video, (len(y), *self.space.shape), y.dtype)
        return video

    def conditional(self, z: Latent | None = None, level: NoiseLevel | None = None) -> Conditional:
        """``p(z0 | z, y)`` by the prior's closed form; without `z`, the posterior ``p(z0 | y)``.

        Raises:
            CapabilityError: for a prior without closed forms, for an operator that is not linear, for noise that is not
                Gaussian, and as the prior does.
        """
        if not isinstance(self.prior, TractablePrior):
            raise CapabilityError(f"this needs a prior with closed forms, not {self.prior}.")
        law = self.prior.conditional(z, level, self.linear, self.observation, self.noise_std)
        check_instance(asked(self.prior), "conditional", law, Conditional)
        shape = (self.count, *self.latent_shape) if z is None else tuple(z.shape)
        return CheckedConditional(law, asked(self.prior), shape, self.observation.dtype)

    def residual(self, z0: Latent) -> Observation:
        """``r = y - A(D(z0))`` without a graph."""
        return self.observation - self.forward(z0)

    def transposed_jacobian(self, video: Video, cotangent: Observation) -> Video:
        """``(dA/dx)^T cotangent`` at `video`: the adjoint of a linear operator, autograd otherwise."""
        if isinstance(self.operator, LinearOperator):
            return self.operator.adjoint(cotangent)
        video = video.detach().requires_grad_()
        with torch.enable_grad():
            mean = self.operator.forward(video)
        return pull_back(mean, video, cotangent)

    def squared_residual_gradient(self, video: Video, residual: Observation) -> Video:
        """``grad_x ||y - A(x)||^2`` at `video` (a sum over each item's values), whose `residual` is ``y - A(x)``."""
        return self.transposed_jacobian(video, -2 * residual)

    def log_likelihood_gradient(self, video: Video) -> Video:
        """``grad_x log p(y | A(x))`` at `video`, under the problem's noise."""
        video = video.detach().requires_grad_()
        with torch.enable_grad():
            loss = self.noise.negative_log_likelihood(self.observation, self.operator.forward(video)).sum()
        return -torch.autograd.grad(loss, video)[0]

    @property
    def _decoder(self) -> ChunkedDecoder:
        return ChunkedDecoder(self.prior, self.space.shape, self.decode_frames)

    def _traced(self, z0: Tensor) -> DecoderTrace:
        return DecoderTrace(self._decoder, self.operator, self.observation, z0)
