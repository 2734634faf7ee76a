"""`Trace`: a prediction with what leads to it, so that the observation's gradient can be taken through it."""

from typing import final

import attrs
import torch
from torch import Tensor

from invsolve.operator import Operator
from invsolve.operator.pull_back import pull_back
from invsolve.prior.prediction import Prediction
from invsolve.problem.chunked_decoder import ChunkedDecoder
from invsolve.returned import check_tensor
from invsolve.video.axes import Latent, Observation, Video


@final
@attrs.define(eq=False)
class DecoderTrace:
    """A clean latent ``z0``, its video ``x = D(z0)``, and products with the decoder's Jacobian ``J_D`` at ``z0``.

    `Problem.trace_decoder` makes it, for rules that leave the denoiser out. What nobody reads is not computed. The
    video is decoded once, and its graph is good for one `pull`; every further one decodes again, and so does every one
    where decoding is chunked, so that no more than the graph of one decoding, or of one chunk, is ever held.

    Attributes:
        decoder: the prior's, with its chunks.
        operator: ``A`` and ``y`` (``b c t h w``), for the residual.
        observation: ``A`` and ``y`` (``b c t h w``), for the residual.
        z0: ``b zc zt zh zw``, a leaf or an inner node of a graph.
    """

    decoder: ChunkedDecoder
    operator: Operator
    observation: Tensor
    _z0: Tensor
    _video: Tensor | None = attrs.field(default=None, init=False)
    _graph: Tensor | None = attrs.field(default=None, init=False)
    _mean: Tensor | None = attrs.field(default=None, init=False)
    _residual: Tensor | None = attrs.field(default=None, init=False)

    @property
    def video(self) -> Video:
        """``D(z0)``, without a graph."""
        if self._video is None:
            if self.decoder.chunked:
                self._video = self.decoder.decode(self._z0)
            else:
                self._graph = self._decode()
                self._video = self._graph.detach()
        return self._video

    @property
    def mean(self) -> Observation:
        """``A(D(z0))``, the mean of the observation, without a graph."""
        if self._mean is None:
            with torch.no_grad():
                self._mean = self.operator.forward(self.video)
            check_tensor(self.operator, "forward", self._mean, self.observation.shape, self.observation.dtype)
        return self._mean

    @property
    def residual(self) -> Observation:
        """``r = y - A(D(z0))``, without a graph."""
        if self._residual is None:
            self._residual = self.observation - self.mean
        return self._residual

    def pull(self, cotangent: Video, *, again: bool = False) -> Latent:
        """``J_D^T cotangent``, from the video's shape to the latent's.

        Args:
            again: keep the video, for another pull is to come.
        """
        return self.pull_to(self._z0, cotangent, again=again)

    def pull_to(self, point: Tensor, cotangent: Video, *, again: bool = False) -> Tensor:
        """`pull`, on to a `point` that ``z0`` was made from, in one pass back where decoding is not chunked."""
        graph, self._graph = self._graph, None
        if not again:
            self._video = None
        if not self.decoder.chunked:
            return pull_back(self._decode() if graph is None else graph, point, cotangent)
        pulled = self.decoder.pull(self._z0, cotangent)
        return pulled if point is self._z0 else pull_back(self._z0, point, pulled)

    def push(self, tangent: Latent) -> Video:
        """``J_D tangent``, from the latent's shape to the video's."""
        return self.decoder.push(self._z0, tangent)

    def _decode(self) -> Tensor:
        with torch.enable_grad():
            return self.decoder.decode_part(self._z0)


@final
@attrs.define(eq=False)
class Trace:
    """A prediction ``z0(z)`` with the graph that leads from ``z`` to it: one pass of the prior.

    `Problem.trace` makes it. The Jacobians are ``J = d z0 / d z`` of the denoiser and ``J_D`` of the decoder, at the
    prediction's ``likelihood_point``: its ``z0``, unless the prior names another.

    Attributes:
        prediction: what the prior predicts, without a graph.
        decoder: from the clean latent on.

    Examples:
        ```python
        trace = problem.trace(z, level)
        gradient = trace.pull(problem.squared_residual_gradient(trace.video, trace.residual))
        ```
    """

    prediction: Prediction
    decoder: DecoderTrace
    _z: Tensor
    _z0: Tensor

    @property
    def video(self) -> Video:
        """``D(z0)``, without a graph."""
        return self.decoder.video

    @property
    def mean(self) -> Observation:
        """``A(D(z0))``, the mean of the observation, without a graph."""
        return self.decoder.mean

    @property
    def residual(self) -> Observation:
        """``r = y - A(D(z0))``, without a graph."""
        return self.decoder.residual

    def pull(self, cotangent: Video, *, again: bool = False) -> Latent:
        """``J^T J_D^T cotangent``, from the video's shape to that of ``z``: one pass back through decoder and prior.

        Args:
            again: keep the video and the prior's graph, for another pull is to come.

        Raises:
            RuntimeError: after the last one, from torch.
        """
        if again:  # the prior's graph stays, the decoder's does not
            return self.pull_denoiser(self.decoder.pull(cotangent, again=True), again=True)
        return self.decoder.pull_to(self._z, cotangent)

    def pull_denoiser(self, cotangent: Latent, *, again: bool = False) -> Latent:
        """``J^T cotangent`` for a cotangent of the clean latent: one pass back through the prior.

        Args:
            again: keep the prior's graph, for another pull is to come.

        Raises:
            RuntimeError: after the last one, from torch.
        """
        return pull_back(self._z0, self._z, cotangent, again=again)

    def push(self, tangent: Latent) -> Video:
        """``J_D tangent``: a tangent of the clean latent, pushed through the decoder alone."""
        return self.decoder.push(tangent)
