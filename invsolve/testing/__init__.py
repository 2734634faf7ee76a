"""The conformance kit: what every plugin can run against itself.

- Classes to inherit under pytest: `OperatorChecks`, `PriorChecks`, `SamplerChecks`, `GuidanceChecks`, `KernelChecks`;
  the same laws as plain functions in `OPERATOR_LAWS`, `PRIOR_LAWS`, `SAMPLER_LAWS`.
- Exact laws of affine samplers without Monte Carlo: `affine_probe`.
- Packaging and recipes: `check_manifest_is_light`, `check_components`, `check_recipe`, and `pretend` distributions.
- Without pytest: `invsolve plugins check DISTRIBUTION`.
"""

import sys
from typing import TYPE_CHECKING

from invsolve.lazy import lazy_imports
from invsolve.testing.finding import Finding as Finding
from invsolve.testing.manifests import check_components as check_components
from invsolve.testing.manifests import check_manifest_is_light as check_manifest_is_light
from invsolve.testing.pretend import installed as installed
from invsolve.testing.pretend import manifest_of as manifest_of
from invsolve.testing.pretend import pretend as pretend
from invsolve.testing.recipes import check_recipe as check_recipe

if TYPE_CHECKING:
    from invsolve.testing.case import Case as Case
    from invsolve.testing.law import Law as Law
    from invsolve.testing.law import LawBroken as LawBroken
    from invsolve.testing.law import NotApplicable as NotApplicable
    from invsolve.testing.laws import OPERATOR_LAWS as OPERATOR_LAWS
    from invsolve.testing.laws import PRIOR_LAWS as PRIOR_LAWS
    from invsolve.testing.laws import SAMPLER_LAWS as SAMPLER_LAWS
    from invsolve.testing.operators import OperatorChecks as OperatorChecks
    from invsolve.testing.priors import PriorChecks as PriorChecks
    from invsolve.testing.probing import AffineMap as AffineMap
    from invsolve.testing.probing import InjectedRandomness as InjectedRandomness
    from invsolve.testing.probing import affine_probe as affine_probe
    from invsolve.testing.report import Report as Report
    from invsolve.testing.report import check_distribution as check_distribution
    from invsolve.testing.rules import GuidanceChecks as GuidanceChecks
    from invsolve.testing.rules import KernelChecks as KernelChecks
    from invsolve.testing.samplers import SamplerChecks as SamplerChecks
    from invsolve.testing.sizes import Sizes as Sizes
    from invsolve.testing.small import small_problem as small_problem
    from invsolve.testing.trial import Trial as Trial

# Under pytest, the kit's own assertions show their values; the report needs no pytest.
if "pytest" in sys.modules:
    import pytest

    pytest.register_assert_rewrite(f"{__name__}.checks", f"{__name__}.laws")

__getattr__, __dir__ = lazy_imports(__name__)
