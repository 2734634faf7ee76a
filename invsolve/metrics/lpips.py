"""Metric `lpips`: how different two pictures look, by the features of a classifier."""

from pathlib import Path
from typing import ClassVar, final

import attrs
import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor

from invsolve.cache import Cache
from invsolve.metrics.lpips_network import LPIPSNetwork, frames_of
from invsolve.metrics.metric import Metric, Values
from invsolve.metrics.reconstruction import Reconstruction
from invsolve.metrics.score import Score
from invsolve.validators import as_path
from invsolve.video.transfer import in_transfer


@final
@attrs.frozen
class LPIPS(Metric):
    """``sum_l mean_hw sum_c w_lc (x_lc / |x_l| - y_lc / |y_l|)^2``, the mean over frames; 0 where they are equal.

    ``x_l`` and ``y_l`` are the features of five layers of a classifier, AlexNet or VGG-16. Gives ``lpips`` for each
    sample, ``lpips_best_direction``, the lesser of that of the sample and of its reverse, ``lpips_mean`` of the
    posterior mean and ``lpips_observed`` of the observation where that can be compared; and ``lpips_frames_apart``, the
    mean distance of neighbouring frames minus that of the truth's own, which is above 0 for videos that flicker.

    Frames are compared in display-encoded light, clipped to [0, 1]; a grey one counts as three equal channels. Empty
    without a truth, and for pictures that leave nothing of the last layer: below 31 pixels (AlexNet) or 16 (VGG-16).

    No weights come with invsolve: those of the authors are free to use, but are not ours to give. Their network is
    two files, the classifier of torchvision and ``alex.pth`` (``vgg.pth``) of the package ``lpips``, which become one:

        state = {**torchvision_state_dict, **torch.load("alex.pth", weights_only=True)}
        kept = {name: value for name, value in state.items() if name.startswith(("features.", "lin"))}
        save_file(kept, "alex.safetensors")

    Attributes:
        weights: file of tensors ``features.<number>.weight``, ``.bias`` and ``lin<l>.model.1.weight``.

    Raises:
        ReadError: for a file that is missing or damaged or lacks a tensor, which is named.

    References:
        Zhang, Isola, Efros, Shechtman and Wang 2018, eq. 1.

    Examples:
        ```python
        LPIPS(weights="alex.safetensors").evaluate(reconstruction)["lpips"]
        ```

        ```yaml
        metrics: [{use: lpips, weights: alex.safetensors}]
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{zhang2018unreasonable, title={The Unreasonable Effectiveness of Deep Features as a Perceptual"
        " Metric}, author={Zhang, Richard and Isola, Phillip and Efros, Alexei A. and Shechtman, Eli and Wang, Oliver},"
        " booktitle={CVPR}, year={2018}}",
    )
    scores: ClassVar[tuple[Score, ...]] = (
        Score("lpips", "LPIPS", better="lower", tables=("run",)),
        Score("lpips_best_direction", "LPIPS, better way", better="lower"),
        Score("lpips_frames_apart", "LPIPS between frames", signed=True, tables=("run",)),
    )

    weights: Path = attrs.field(converter=as_path)
    _cache: Cache = attrs.field(factory=Cache, init=False, eq=False, repr=False)

    def evaluate(self, reconstruction: Reconstruction) -> Values:
        """The distances."""
        truth = reconstruction.comparable_truth
        if truth is None or min(truth.shape[-2:]) < self.network.least_side():
            return {}
        transfer = reconstruction.space.transfer
        truth, mean = in_transfer(truth, transfer, "srgb"), in_transfer(reconstruction.mean, transfer, "srgb")
        samples = [in_transfer(sample, transfer, "srgb") for sample in reconstruction.video]
        forward = [float(self.frames(sample, truth).mean()) for sample in samples]
        backward = [float(self.frames(sample.flip(2), truth).mean()) for sample in samples]
        values: dict[str, float | list[float]] = {
            "lpips": forward,
            "lpips_best_direction": [min(pair) for pair in zip(forward, backward, strict=True)],
            "lpips_mean": float(self.frames(mean, truth).mean()),
        }
        observed = reconstruction.observation_as_truth
        if observed is not None:
            values["lpips_observed"] = float(self.frames(in_transfer(observed, transfer, "srgb"), truth).mean())
        if truth.shape[2] > 1:
            usual = self._apart(truth)
            values["lpips_frames_apart"] = [self._apart(sample) - usual for sample in samples]
        return values

    @property
    def network(self) -> LPIPSNetwork:
        """The network of the file, read once."""
        return self._cache.get("network", lambda: LPIPSNetwork.read(self.weights))

    def frames(self, video: Float[Tensor, "b c t h w"], truth: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b t"]:
        """The distance of each frame, both of display-encoded values."""
        pairs = (frames_of(video.double()), frames_of(truth.double()))
        with torch.no_grad():
            each = torch.cat([self.network.distance(x[None], y[None]) for x, y in zip(*pairs, strict=True)])
        return rearrange(each, "(b t) -> b t", b=len(video))

    def _apart(self, video: Float[Tensor, "b c t h w"]) -> float:
        return float(self.frames(video[:, :, 1:], video[:, :, :-1]).mean())
