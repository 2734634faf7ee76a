"""`Verdict`: how one trial ended."""

from typing import Final, Literal, final, get_args

import attrs

Kind = Literal["done", "refused", "failed", "interrupted", "unnoticed", "fault"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


@final
@attrs.frozen
class Verdict:
    """How one trial ended.

    Attributes:
        kind: `done`, the right result; `refused` (exit code 2) and `failed` (exit code 1), each with a message;
            `interrupted`, stopped by an interrupt after its share of time, with exit code 130; `unnoticed`, damage that
            neither a checksum nor a count nor a duration in the file could tell; `fault`, anything else.
        text: the command, and what it said.
    """

    kind: Kind
    text: str = ""
