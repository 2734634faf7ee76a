"""`CFG`: classifier-free guidance of a conditional prior."""

from typing import ClassVar, final

import attrs
import torch
from torch import Tensor

from invsolve.arrays import shown
from invsolve.prior import Prior
from invsolve.prior.prediction import Prediction
from invsolve.schedule import NoiseLevel
from invsolve.validators import instance, literal, number
from invsolve_priors.guided.guided_prior import GradientOf, GuidedPrior
from invsolve_priors.guided.row import Row, row, row_or_number


@final
@attrs.frozen
class CFG(GuidedPrior):
    """``eps = eps_u + scale (eps_c - eps_u)``, and the same line for ``z0``: beyond the condition by `scale`.

    With ``rescale``, ``z0 <- rescale z0 std(z0_c) / std(z0) + (1 - rescale) z0``, the std over each latent's elements,
    and ``eps`` moves along; it takes back the contrast that large scales add.

    Cost of a prediction: two network calls; its gradient two as well, or one for ``conditional``.

    Known bias: the samples follow neither the conditional law nor the tilted ``p_u^(1-w) p_c^w``; for ``w > 1`` they
    overshoot its mean and are too narrow, at any number of steps.

    Attributes:
        prior: any prior that takes a condition.
        scale: ``w``, at least 0: 0 is the unconditional prior, 1 the conditional one (a single call, unchanged).
        rescale: in [0, 1]; 0 is off, 0.7 its authors' choice.
        condition: of every video, without the batch axis: numbers ``v``, ``t v`` or ``c t h w``, or an ``npy`` or
            ``npz`` file; by default the problem's own, one for each observation.
        unconditional: what stands for "no condition": a number for every element, a row like ``condition``, or null for
            a prior that may be called without.
        gradient: the prediction that the observation's gradient uses, ``guided`` or ``conditional`` (half the cost).
        batched: both calls in one of twice the batch; false takes half the memory.

    Raises:
        CapabilityError: without a condition, or with two.
        SpaceError: where ``unconditional`` does not fit.

    References:
        Ho and Salimans 2022, eq. 6, whose ``1 + w`` is `scale` here; Lin, Liu, Li and Yang 2024, section 3.4 (rescale).

    Examples:
        ```python
        CFG(prior=STDiT(file="conditional.safetensors"), scale=7.5, condition=[[0.0, 1.0]], unconditional=0.0)
        ```

        ```yaml
        prior:
          use: cfg
          scale: 7.5
          condition: [0, 1]
          unconditional: [1, 0]
          prior:
            use: conditional_mixture
            mixture:
              use: gaussian_mixture
              weights: [0.5, 0.5]
              means: [[[[[0.2]], [[0.8]]]], [[[[0.8]], [[0.2]]]]]
              covariances: [[[0.01, 0.0], [0.0, 0.01]], [[0.01, 0.0], [0.0, 0.01]]]
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@article{ho2022classifier,\n"
        "  title = {Classifier-Free Diffusion Guidance},\n"
        "  author = {Ho, Jonathan and Salimans, Tim},\n"
        "  journal = {arXiv:2207.12598},\n  year = {2022}\n}",
        "@inproceedings{lin2024common,\n"
        "  title = {Common Diffusion Noise Schedules and Sample Steps are Flawed},\n"
        "  author = {Lin, Shanchuan and Liu, Bingchen and Li, Jiashi and Yang, Xiao},\n"
        "  booktitle = {Winter Conference on Applications of Computer Vision},\n  year = {2024}\n}",
    )

    prior: Prior = attrs.field(validator=instance(Prior))
    scale: float = attrs.field(default=7.5, validator=number(least=0.0))
    rescale: float = attrs.field(default=0.0, validator=[number(least=0.0), number(most=1.0)])
    condition: Row | None = attrs.field(default=None, converter=row, repr=shown)
    unconditional: Row | float | None = attrs.field(default=0.0, converter=row_or_number, repr=shown)
    gradient: GradientOf = attrs.field(default="guided", validator=literal(GradientOf))
    batched: bool = attrs.field(default=True, validator=instance(bool))

    def predict(self, z: Tensor, level: NoiseLevel, condition: Tensor | None = None) -> Prediction:
        """The guided prediction, with its `contrast`."""
        if self.scale == 1:
            return self.conditional(z, level, condition)
        known, null = self.both(z, level, condition)
        shift = self.scale * (known.eps - null.eps)
        z0 = torch.lerp(null.z0, known.z0, self.scale)
        guided = Prediction(z0, null.eps + shift, None, known.variance_fraction)
        if self.rescale > 0:
            ratio = _std(known.z0) / _std(z0).clamp_min(torch.finfo(z0.dtype).tiny)
            guided = guided.with_clean(z0 * (1 - self.rescale + self.rescale * ratio), level)
        return attrs.evolve(guided, contrast=self.contrast(guided.eps - null.eps, known))


def _std(tensor: Tensor) -> Tensor:
    """Over the elements of each item, in a shape that scales `tensor`."""
    return tensor.std(tuple(range(1, tensor.ndim)), correction=0, keepdim=True)
