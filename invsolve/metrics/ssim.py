"""Metric `ssim`: structural similarity."""

from typing import ClassVar, final

import attrs
from einops import rearrange
from jaxtyping import Float
from torch import Tensor

from invsolve.metrics.metric import Metric, Values
from invsolve.metrics.reconstruction import Reconstruction

WINDOW = 11


@final
@attrs.frozen
class SSIM(Metric):
    """Structural similarity in [-1, 1] of values clipped to [0, 1], the mean over frames; Gaussian window of std 1.5.

    Gives ``ssim`` for each sample, ``ssim_mean`` of the posterior mean, and ``ssim_observed`` of the observation
    itself where it can be compared. Empty without a truth, and for pictures smaller than the window of 11 pixels.

    **Source:** Wang, Bovik, Sheikh and Simoncelli 2004, with K1 = 0.01 and K2 = 0.03.

    ```python
    SSIM().evaluate(reconstruction)["ssim"]
    ```
    ```yaml
    metrics: [{use: ssim}]
    ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@article{wang2004image,\n"
        "  title = {Image quality assessment: from error visibility to structural similarity},\n"
        "  author = {Wang, Zhou and Bovik, Alan C. and Sheikh, Hamid R. and Simoncelli, Eero P.},\n"
        "  journal = {IEEE Transactions on Image Processing},\n  volume = {13},\n  number = {4},\n"
        "  pages = {600--612},\n  year = {2004}\n}",
    )

    def evaluate(self, reconstruction: Reconstruction) -> Values:
        """The similarities."""
        truth = reconstruction.comparable_truth
        if truth is None or min(truth.shape[-2:]) < WINDOW:
            return {}
        values: dict[str, float | list[float]] = {
            "ssim": [ssim(sample, truth) for sample in reconstruction.video],
            "ssim_mean": ssim(reconstruction.mean, truth),
        }
        observed = reconstruction.observed_as_truth
        if observed is not None:
            values["ssim_observed"] = ssim(observed, truth)
        return values


def ssim(video: Float[Tensor, "b c t h w"], truth: Float[Tensor, "b c t h w"]) -> float:
    """The SSIM of `video`, the mean over observations and frames."""
    return float(ssim_frames(video, truth).mean())


def ssim_frames(video: Float[Tensor, "b c t h w"], truth: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b t"]:
    """The SSIM of each frame."""
    from torchmetrics.functional.image import structural_similarity_index_measure

    # In float32: torch's grouped convolution is some ten times slower in float64, and the score agrees to 2e-5.
    frames, true_frames = (rearrange(v.float().clamp(0, 1), "b c t h w -> (b t) c h w") for v in (video, truth))
    similarity = structural_similarity_index_measure(frames, true_frames, data_range=1.0, reduction="none")
    if isinstance(similarity, tuple):
        raise TypeError("torchmetrics returned an image of the similarity that nobody asked for")
    return similarity.reshape(len(video), -1)
