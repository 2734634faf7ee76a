"""`Finding`: the result of one check of one component, outside pytest."""

from typing import Literal, final

import attrs

Verdict = Literal["passed", "failed", "waived", "skipped"]


@final
@attrs.frozen
class Finding:
    """The outcome of one law for one component; `detail` is empty where it passed."""

    component: str
    law: str
    verdict: Verdict
    detail: str = ""
