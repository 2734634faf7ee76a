"""`APG`: guidance along what the conditional estimate does not already hold."""

from typing import ClassVar, final

import attrs
import torch
from torch import Tensor

from invsolve.arrays import shown
from invsolve.errors import CapabilityError
from invsolve.operator.norms import lengths
from invsolve.prior import Prior
from invsolve.prior.prediction import Prediction
from invsolve.schedule import NoiseLevel
from invsolve.validators import instance, literal, number, optional
from invsolve_priors.guided.guided_prior import GradientOf, GuidedPrior
from invsolve_priors.guided.row import Row, row, row_or_number


@final
@attrs.frozen
class APG(GuidedPrior):
    """Adaptive projected guidance: `cfg` without the part along the conditional estimate, which oversaturates.

    With ``d = z0_c - z0_u``, in this order:

        d <- d + momentum d_before                       a running average over the steps
        d <- d min(1, threshold / ||d||)                 the norm over each latent's elements
        d = d_par + d_perp                               along ``z0_c``, and orthogonal to it
        z0 = z0_c + (scale - 1) (d_perp + parallel d_par)

    and ``eps`` moves along. With ``momentum = 0``, ``parallel = 1`` and no threshold this is `cfg`.

    Cost of a prediction: two network calls; its gradient two as well, or one for ``conditional``.

    Known bias: a heuristic; no law is sampled.

    Attributes:
        prior: any prior that takes a condition.
        scale: ``w``, at least 0; 1 is the conditional prior (a single call, unchanged).
        parallel: in [0, 1], how much of the part along ``z0_c`` is kept; the paper's is 0.
        threshold: positive, a bound on the norm of ``d`` over all elements of a latent, so it grows with the root of
            their number; null for none.
        momentum: in (-1, 1), the paper's are -0.5 to -0.75. Other than 0 it needs a sampler that keeps the prior's
            memory, such as those made of a kernel and a guidance rule.
        condition: of every video, without the batch axis: numbers ``v``, ``t v`` or ``c t h w``, or an ``npy`` or
            ``npz`` file; by default the problem's own, one for each observation.
        unconditional: what stands for "no condition": a number for every element, a row like ``condition``, or null for
            a prior that may be called without.
        gradient: the prediction that the observation's gradient uses, ``guided`` or ``conditional`` (half the cost).
        batched: both calls in one of twice the batch; false takes half the memory.

    Raises:
        CapabilityError: without a condition, with two, and for a momentum where the sampler keeps no memory.
        SpaceError: where ``unconditional`` does not fit.

    References:
        Sadat, Hilliges and Weber 2024, algorithm 1.

    Examples:
        ```python
        APG(prior=STDiT(file="conditional.safetensors"), scale=7.5, threshold=15.0, momentum=-0.5)
        ```

        ```yaml
        prior:
          use: apg
          scale: 7.5
          threshold: 15.0
          momentum: 0.0
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
        "@article{sadat2024eliminating,\n"
        "  title = {Eliminating Oversaturation and Artifacts of High Guidance Scales in Diffusion Models},\n"
        "  author = {Sadat, Seyedmorteza and Hilliges, Otmar and Weber, Romann M.},\n"
        "  journal = {arXiv:2410.02416},\n  year = {2024}\n}",
    )

    prior: Prior = attrs.field(validator=instance(Prior))
    scale: float = attrs.field(default=7.5, validator=number(least=0.0))
    parallel: float = attrs.field(default=0.0, validator=[number(least=0.0), number(most=1.0)])
    threshold: float | None = attrs.field(default=None, validator=optional(number(above=0.0)))
    momentum: float = attrs.field(default=0.0, validator=number(above=-1.0, below=1.0))
    condition: Row | None = attrs.field(default=None, converter=row, repr=shown)
    unconditional: Row | float | None = attrs.field(default=0.0, converter=row_or_number, repr=shown)
    gradient: GradientOf = attrs.field(default="guided", validator=literal(GradientOf))
    batched: bool = attrs.field(default=True, validator=instance(bool))

    @property
    def recurs(self) -> bool:  # type: ignore[override]  # read-only
        """True with a running average."""
        return self.momentum != 0

    def predict(self, z: Tensor, level: NoiseLevel, condition: Tensor | None = None) -> Prediction:
        """The guided prediction of a step of its own."""
        if self.recurs:
            raise CapabilityError(
                f"apg with momentum {self.momentum} needs a sampler that keeps the prior's memory from step to step "
                "(diffusion, dps, ddim); use one of these, or momentum 0."
            )
        return self.predict_after(None, z, level, condition)

    def predict_after(
        self, memory: Tensor | None, z: Tensor, level: NoiseLevel, condition: Tensor | None = None
    ) -> Prediction:
        """The guided prediction; `memory` is the running average ``d`` of the step before."""
        if self.scale == 1:
            return self.conditional(z, level, condition)
        known, null = self.both(z, level, condition)
        difference = known.z0 - null.z0
        if memory is not None:
            difference = difference + self.momentum * memory
        guided = known.with_clean(known.z0 + (self.scale - 1) * self._kept(difference, known.z0), level)
        return attrs.evolve(
            guided,
            contrast=self.contrast(guided.eps - null.eps, known),
            memory=difference.detach() if self.recurs else None,
        )

    def _kept(self, difference: Tensor, clean: Tensor) -> Tensor:
        if self.threshold is not None:
            limit = torch.full_like(difference[:, :1, :1, :1, :1], self.threshold)
            difference = difference * (limit / torch.maximum(lengths(difference), limit))
        direction = clean / lengths(clean)
        axes = tuple(range(1, clean.ndim))
        along = (difference * direction).sum(axes, keepdim=True) * direction
        return difference - (1 - self.parallel) * along
