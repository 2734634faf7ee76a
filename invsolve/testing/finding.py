"""`Finding`: the result of one check of one component, outside pytest."""

from typing import Literal, final

import attrs

Verdict = Literal["passed", "failed", "waived", "skipped"]


@final
@attrs.frozen
class Finding:
    """What one law said about one component; `detail` is empty where it passed."""

    component: str
    law: str
    verdict: Verdict
    detail: str = ""
