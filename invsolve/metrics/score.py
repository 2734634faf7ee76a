"""`Score`: how tables show one of a metric's numbers."""

from typing import Final, Literal, final

import attrs

from invsolve.validators import literal, optional, whole

Better = Literal["higher", "lower"]
Table = Literal["run", "clips"]
ARROWS: Final = {"higher": " ↑", "lower": " ↓", None: ""}


@final
@attrs.frozen
class Score:
    """One of the values that a `Metric` gives, with its heading, its unit, and which way is better.

    Attributes:
        name: the key of the value: a number, or a list with one for each sample.
        heading: what tables call it.
        unit: such as ``dB``, empty for a pure number.
        decimals: digits after the point, from 0.
        signed: whether a plus is written, as for gains.
        better: ``higher``, ``lower``, or None where neither is, as for what should be 1.
        mean: the key of the same value of the samples' mean; ``<name>_mean`` where empty. Those of the observation and
            of the truth are ``<name>_observed`` and ``<name>_truth``.
        tables: ``run``, the summary of a run, and ``clips``, the table of an evaluation; others leave it out.

    Examples:
        ```python
        Score("psnr", "PSNR", "dB", decimals=2, better="higher")
        ```
    """

    name: str
    heading: str
    unit: str = ""
    decimals: int = attrs.field(default=3, validator=whole(least=0), kw_only=True)
    signed: bool = attrs.field(default=False, kw_only=True)
    better: Better | None = attrs.field(default=None, validator=optional(literal(Better)), kw_only=True)
    mean: str = attrs.field(default="", kw_only=True)
    tables: tuple[Table, ...] = attrs.field(default=("run", "clips"), kw_only=True)

    @property
    def title(self) -> str:
        """The heading with its unit: ``PSNR [dB]``."""
        return f"{self.heading} [{self.unit}]" if self.unit else self.heading

    @property
    def arrow(self) -> str:
        """The better direction, written behind the title; empty where there is none."""
        return ARROWS[self.better]

    def text(self, value: float) -> str:
        """The value as a table writes it, without its unit."""
        return f"{value:{'+' if self.signed else ''}.{self.decimals}f}"
