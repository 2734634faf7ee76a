"""The conformance kit: what every plugin can run against itself.

Classes to inherit under pytest: `OperatorChecks`. Packaging: `check_manifest_is_light`, `check_components`, and
`pretend` distributions. Without pytest: `invsolve plugins check DISTRIBUTION`.
"""

import sys
from typing import TYPE_CHECKING, Final

from invsolve.plugin import lazy_exports
from invsolve.testing.finding import Finding as Finding
from invsolve.testing.manifests import check_components as check_components
from invsolve.testing.manifests import check_manifest_is_light as check_manifest_is_light
from invsolve.testing.pretend import installed as installed
from invsolve.testing.pretend import manifest_of as manifest_of
from invsolve.testing.pretend import pretend as pretend

if TYPE_CHECKING:
    from invsolve.testing.case import Case as Case
    from invsolve.testing.law import Law as Law
    from invsolve.testing.law import LawBroken as LawBroken
    from invsolve.testing.law import NotApplicable as NotApplicable
    from invsolve.testing.laws import OPERATOR_LAWS as OPERATOR_LAWS
    from invsolve.testing.operators import OperatorChecks as OperatorChecks
    from invsolve.testing.sizes import Sizes as Sizes

_LAZY: Final = (
    "case:Case",
    "law:Law",
    "law:LawBroken",
    "law:NotApplicable",
    "laws:OPERATOR_LAWS",
    "operators:OperatorChecks",
    "sizes:Sizes",
)

# Under pytest, the kit's own assertions show their values; the report needs no pytest.
if "pytest" in sys.modules:
    import pytest

    pytest.register_assert_rewrite(f"{__name__}.checks", f"{__name__}.operators", f"{__name__}.laws")

__getattr__, __dir__ = lazy_exports(__name__, (), also=[f"{__name__}.{target}" for target in _LAZY])
