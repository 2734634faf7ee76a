"""`Finding`: the result of one check of one component, outside pytest."""

from typing import Literal, final

import attrs

Verdict = Literal["passed", "failed", "skipped"]


@final
@attrs.frozen
class Finding:
    """What one law said about one component; `detail` is empty unless it failed or was skipped."""

    component: str
    law: str
    verdict: Verdict
    detail: str = ""
