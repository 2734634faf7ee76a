"""Metric `endpoint_error`: whether things move as they do in truth."""

from typing import ClassVar, final

import attrs
import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor

from invsolve.metrics.metric import Metric, Values
from invsolve.metrics.reconstruction import Reconstruction
from invsolve.metrics.score import Score
from invsolve.motion.optical_flow import Flow, flows_between
from invsolve.validators import instance
from invsolve.video.transfer import in_transfer


@final
@attrs.frozen
class EndpointError(Metric):
    """EPE: ``mean |f - f_truth|`` [pixels] of the optical flows from each frame to the next.

    ``f`` is found between frames of a sample, ``f_truth`` between those of the truth, by the same ``flow``; the length
    of the difference is averaged over pixels and pairs of frames. Gives ``endpoint_error`` for each sample,
    ``endpoint_error_best_direction``, the lesser of that of the sample and of its reverse, since a blur does not tell
    the direction of time, and ``endpoint_error_mean`` of the posterior mean.

    Flows are found in display-encoded light, clipped to [0, 1]. Empty without a truth and for single frames.

    Known bias: what the flow does not see, such as motion without texture, is no error.

    Attributes:
        flow: how flows are found, any component of the kind `flow`.

    References:
        Baker et al. 2011, eq. 11 (the error of a flow's end point).

    Examples:
        ```python
        EndpointError(flow=DISFlow()).evaluate(reconstruction)["endpoint_error"]
        ```

        ```yaml
        metrics: [{use: endpoint_error, flow: {use: dis}}]
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@article{baker2011database, title={A Database and Evaluation Methodology for Optical Flow}, author={Baker,"
        " Simon and Scharstein, Daniel and Lewis, J. P. and Roth, Stefan and Black, Michael J. and Szeliski, Richard},"
        " journal={International Journal of Computer Vision}, year={2011}}",
    )
    scores: ClassVar[tuple[Score, ...]] = (
        Score("endpoint_error", "EPE", "pixels", decimals=2, better="lower", tables=("run",)),
        Score("endpoint_error_best_direction", "EPE, better way", "pixels", decimals=2, better="lower"),
    )

    flow: Flow = attrs.field(validator=instance(Flow))

    def evaluate(self, reconstruction: Reconstruction) -> Values:
        """The errors in pixels."""
        truth = reconstruction.comparable_truth
        if truth is None or truth.shape[2] == 1:
            return {}
        transfer = reconstruction.space.transfer
        wanted = self.flows(truth, transfer)
        forward = [self._error(sample, wanted, transfer) for sample in reconstruction.video]
        backward = [self._error(sample.flip(2), wanted, transfer) for sample in reconstruction.video]
        return {
            "endpoint_error": forward,
            "endpoint_error_best_direction": [min(pair) for pair in zip(forward, backward, strict=True)],
            "endpoint_error_mean": self._error(reconstruction.mean, wanted, transfer),
        }

    def _error(self, video: Float[Tensor, "b c t h w"], wanted: Float[Tensor, "n 2 h w"], transfer: str) -> float:
        return float((self.flows(video, transfer) - wanted).norm(dim=1).mean())

    def flows(self, video: Float[Tensor, "b c t h w"], transfer: str) -> Float[Tensor, "n 2 h w"]:
        """From each frame to the next, in float64."""
        with torch.no_grad():
            shown = in_transfer(video.clamp(0, 1), transfer, "srgb")
            first, second = (rearrange(v, "b c t h w -> (b t) c h w") for v in (shown[:, :, :-1], shown[:, :, 1:]))
            return flows_between(self.flow, first, second)[0].double()
