"""`CFGPlusPlus`: guidance that renoises without the condition."""

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
class CFGPlusPlus(GuidedPrior):
    """``z0 = z0_u + scale (z0_c - z0_u)``, but ``eps = eps_u``: interpolate the clean end, renoise without condition.

    A DDIM step is then ``z' = a' z0 + s' eps_u``. Kernels that step from ``z`` itself (`ddpm`, `dpm_solver`) step from
    ``a z0 + s eps_u`` instead, so that `ddpm` is DDIM with eta 1 here as well. For deterministic DDIM it is `cfg` with
    the scale ``w = scale (a' s / a) / (a' s / a - s')``, which grows as the steps get shorter.

    Cost of a prediction: two network calls; its gradient two as well, or one for ``conditional``.

    Known bias: made for some tens of steps: with more, the guidance grows without bound. ``z = a z0 + s eps`` does not
    hold for its predictions.

    Attributes:
        prior: any prior that takes a condition.
        scale: in [0, 1]: 0 is the unconditional prior; 0.6 its authors' choice.
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
        Chung, Kim, Park, Nam and Ye 2024, algorithm 1.

    Examples:
        ```python
        CFGPlusPlus(prior=STDiT(file="conditional.safetensors"), scale=0.6, condition=[[0.0, 1.0]], unconditional=0.0)
        ```

        ```yaml
        prior:
          use: cfg_plus_plus
          scale: 0.6
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
        "@article{chung2024cfgpp,\n"
        "  title = {CFG++: Manifold-constrained Classifier Free Guidance for Diffusion Models},\n"
        "  author = {Chung, Hyungjin and Kim, Jeongsol and Park, Geon Yeong and Nam, Hyelin and Ye, Jong Chul},\n"
        "  journal = {arXiv:2406.08070},\n  year = {2024}\n}",
    )

    prior: Prior = attrs.field(validator=instance(Prior))
    scale: float = attrs.field(default=0.6, validator=[number(least=0.0), number(most=1.0)])
    condition: Row | None = attrs.field(default=None, converter=row, repr=shown)
    unconditional: Row | float | None = attrs.field(default=0.0, converter=row_or_number, repr=shown)
    gradient: GradientOf = attrs.field(default="guided", validator=literal(GradientOf))
    batched: bool = attrs.field(default=True, validator=instance(bool))

    def predict(self, z: Tensor, level: NoiseLevel, condition: Tensor | None = None) -> Prediction:
        """The clean estimate between the two, the noise estimate without the condition."""
        known, null = self.both(z, level, condition)
        z0 = torch.lerp(null.z0, known.z0, self.scale)
        contrast = self.contrast(self.scale * (known.eps - null.eps), known, start=level.a * z0 + level.s * null.eps)
        return Prediction(z0, null.eps, None, known.variance_fraction, contrast)
