"""`Finding`: the result of one check of one component, outside pytest."""

from typing import Literal, final

import attrs

Verdict = Literal["passed", "failed", "waived", "advised", "skipped"]


@final
@attrs.frozen
class Finding:
    """The outcome of one law for one component; `detail` is empty where it passed.

    What is ``advised`` works as it is, and would be better otherwise.
    """

    component: str
    law: str
    verdict: Verdict
    detail: str = ""
