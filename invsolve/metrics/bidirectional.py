"""Metric `bidirectional`: differences to the truth where every part may run either way in time."""

from typing import ClassVar, Final, final

import attrs
import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor

from invsolve.metrics.endpoint_error import EndpointError
from invsolve.metrics.lpips import LPIPS
from invsolve.metrics.metric import Metric, Values
from invsolve.metrics.reconstruction import Reconstruction
from invsolve.metrics.score import Score
from invsolve.metrics.ssim import WINDOW, ssim_frames
from invsolve.motion.optical_flow import Flow
from invsolve.validators import instance, optional, whole
from invsolve.video.transfer import in_transfer

REVERSED: Final = 2  # the axis t


@final
@attrs.frozen
class Bidirectional(Metric):
    """PSNR and SSIM with the direction of time chosen part by part, since a blur does not tell it for any of them.

    Gives, for each sample, clipped to [0, 1], ``psnr_pixelwise`` [dB]: in each square of ``psnr_patch`` pixels (one
    pixel and channel, unless said otherwise) the lesser of the mean squared errors (over frames) of the sample and of
    its reverse, averaged over the squares; and ``ssim_patchwise`` in [-1, 1]: in each square patch the greater of the
    mean SSIMs (over frames) of the two, averaged over patches. Where the fields say how they are measured, there are
    ``lpips_patchwise``, the lesser in each patch, and ``endpoint_error_patchwise`` [pixels], the lesser in each patch
    of the flows' mean errors, too. Patches do not overlap; what is left at the right and the bottom is not looked at.
    SSIM (Gaussian window of std 1.5) and LPIPS are those of the patches themselves, flows those of whole frames.

    All choose with the truth at hand, thus never fall below a choice for the whole video, and of two wrong motions in
    opposite directions they see neither.

    Empty without a truth; without what is told of patches for pictures smaller than one.

    Attributes:
        patch: side of a patch [pixels], at least 11, the window of the SSIM.
        psnr_patch: side of the squares of the PSNR [pixels]; 1 chooses for each pixel and channel.
        lpips: measures ``lpips_patchwise``; patches must be large enough for it.
        flow: finds the motion for ``endpoint_error_patchwise``, any component of the kind `flow`.

    References:
        The code published with "Generating the Past, Present and Future from a Motion-Blurred Image" (arXiv
        2512.19817), where patches have sides of 40 and 32 pixels, and 1 for the PSNR.

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
        Score("lpips_patchwise", "LPIPS, patchwise", better="lower", tables=("run",)),
        Score("endpoint_error_patchwise", "EPE, patchwise", "pixels", decimals=2, better="lower", tables=("run",)),
    )

    patch: int = attrs.field(default=32, validator=whole(least=WINDOW))
    psnr_patch: int = attrs.field(default=1, validator=whole(least=1))
    lpips: LPIPS | None = attrs.field(default=None, validator=optional(instance(LPIPS)))
    flow: Flow | None = attrs.field(default=None, validator=optional(instance(Flow)))

    def evaluate(self, reconstruction: Reconstruction) -> Values:
        """The ratios in dB, the similarities, the distances and the errors in pixels."""
        truth = reconstruction.comparable_truth
        if truth is None:
            return {}
        side, samples = min(truth.shape[-2:]), reconstruction.video
        values: dict[str, float | list[float]] = {}
        if side >= self.psnr_patch:
            values["psnr_pixelwise"] = [psnr_patchwise(sample, truth, self.psnr_patch) for sample in samples]
        if side < self.patch:
            return values
        values["ssim_patchwise"] = [ssim_patchwise(sample, truth, self.patch) for sample in samples]
        transfer = reconstruction.space.transfer
        if self.lpips is not None and self.patch >= self.lpips.network.least_side():
            values["lpips_patchwise"] = [self._lpips(sample, truth, transfer) for sample in samples]
        if self.flow is not None and truth.shape[2] > 1:
            error = EndpointError(flow=self.flow)
            wanted = error.flows(truth, transfer)
            values["endpoint_error_patchwise"] = [
                self._endpoint_error(error, sample, wanted, transfer) for sample in samples
            ]
        return values

    def _lpips(self, video: Float[Tensor, "b c t h w"], truth: Float[Tensor, "b c t h w"], transfer: str) -> float:
        assert self.lpips is not None
        shown = [_patches(in_transfer(each, transfer, "srgb"), self.patch) for each in (video, truth)]
        ways = [self.lpips.frames(way, shown[1]).mean(1) for way in (shown[0], shown[0].flip(REVERSED))]
        return float(torch.minimum(*ways).mean())

    def _endpoint_error(
        self, error: EndpointError, video: Float[Tensor, "b c t h w"], wanted: Float[Tensor, "n 2 h w"], transfer: str
    ) -> float:
        ways = []
        for way in (video, video.flip(REVERSED)):
            lengths = (error.flows(way, transfer) - wanted).norm(dim=1)
            lengths = rearrange(lengths, "(b t) h w -> b 1 t h w", b=len(video))
            ways.append(_patches(lengths, self.patch).flatten(1).mean(1))
        return float(torch.minimum(*ways).mean())


def psnr_patchwise(video: Float[Tensor, "b c t h w"], truth: Float[Tensor, "b c t h w"], patch: int) -> float:
    """The PSNR [dB] with the direction chosen in each patch, the mean over observations.

    A patch of one pixel is one of one channel too.
    """
    video, truth = video.double().clamp(0, 1), truth.double().clamp(0, 1)
    errors = [(way - truth).square().mean(REVERSED) for way in (video, video.flip(REVERSED))]
    if patch > 1:
        rows, columns = (side // patch for side in errors[0].shape[-2:])
        cut = [error[..., : rows * patch, : columns * patch] for error in errors]
        errors = [rearrange(error, "b c (i p) (j q) -> b (i j) (c p q)", p=patch, q=patch).mean(2) for error in cut]
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
