"""Metric `bidirectional`: differences to the truth where every part may run either way in time."""

from typing import ClassVar, Final, final

import attrs
import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor

from invsolve.metrics.metric import Metric, Values
from invsolve.metrics.reconstruction import Reconstruction
from invsolve.metrics.score import Score
from invsolve.metrics.ssim import WINDOW, ssim_frames
from invsolve.validators import whole

REVERSED: Final = 2  # the axis t


@final
@attrs.frozen
class Bidirectional(Metric):
    """PSNR and SSIM with the direction of time chosen part by part, since a blur does not tell it for any of them.

    Gives, for each sample, clipped to [0, 1], ``psnr_pixelwise`` [dB]: at each pixel and channel the lesser of the mean
    squared errors (over frames) of the sample and of its reverse, averaged over pixels and channels; and
    ``ssim_patchwise`` in [-1, 1]: in each square patch the greater of the mean SSIMs (over frames) of the two, averaged
    over patches. Patches do not overlap; what is left at the right and the bottom is not looked at. The SSIM is that of
    the patches themselves, with a Gaussian window of std 1.5.

    Both choose with the truth at hand, thus never fall below a choice for the whole video, and of two wrong motions in
    opposite directions they see neither.

    Empty without a truth; without ``ssim_patchwise`` for pictures smaller than a patch.

    Attributes:
        patch: side of a patch [pixels], at least 11, the window of the SSIM.

    References:
        The code published with "Generating the Past, Present and Future from a Motion-Blurred Image" (arXiv
        2512.19817), where patches have sides of 40 and 32 pixels.

    Examples:
        ```python
        Bidirectional(patch=32).evaluate(reconstruction)["psnr_pixelwise"]
        ```

        ```yaml
        metrics: [{use: bidirectional, patch: 32}]
        ```
    """

    scores: ClassVar[tuple[Score, ...]] = (
        Score("psnr_pixelwise", "PSNR, pixelwise", "dB", decimals=2, better="higher", tables=("run",)),
        Score("ssim_patchwise", "SSIM, patchwise", decimals=4, better="higher", tables=("run",)),
    )

    patch: int = attrs.field(default=32, validator=whole(least=WINDOW))

    def evaluate(self, reconstruction: Reconstruction) -> Values:
        """The ratios in dB, and the similarities."""
        truth = reconstruction.comparable_truth
        if truth is None:
            return {}
        values: dict[str, float | list[float]] = {
            "psnr_pixelwise": [psnr_pixelwise(sample, truth) for sample in reconstruction.video]
        }
        if min(truth.shape[-2:]) >= self.patch:
            values["ssim_patchwise"] = [ssim_patchwise(sample, truth, self.patch) for sample in reconstruction.video]
        return values


def psnr_pixelwise(video: Float[Tensor, "b c t h w"], truth: Float[Tensor, "b c t h w"]) -> float:
    """The PSNR [dB] with the direction chosen at each pixel and channel, the mean over observations."""
    video, truth = video.double().clamp(0, 1), truth.double().clamp(0, 1)
    errors = [(way - truth).square().mean(REVERSED) for way in (video, video.flip(REVERSED))]
    return float(-10 * torch.minimum(*errors).flatten(1).mean(1).log10().mean())


def ssim_patchwise(video: Float[Tensor, "b c t h w"], truth: Float[Tensor, "b c t h w"], patch: int) -> float:
    """The SSIM with the direction chosen in each patch, the mean over patches and observations."""
    expected = _patches(truth, patch)
    forward, backward = (ssim_frames(_patches(way, patch), expected).mean(1) for way in (video, video.flip(REVERSED)))
    return float(torch.maximum(forward, backward).mean())


def _patches(video: Float[Tensor, "b c t h w"], patch: int) -> Float[Tensor, "n c t p p"]:
    rows, columns = video.shape[-2] // patch, video.shape[-1] // patch
    cut = video[..., : rows * patch, : columns * patch]
    return rearrange(cut, "b c t (i p) (j q) -> (b i j) c t p q", p=patch, q=patch)
