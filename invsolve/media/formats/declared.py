"""The code points of ITU-T H.273: transfer and primaries, as cICP, nclx and video streams carry them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from invsolve.errors import ChoiceNeeded
from invsolve.video.primaries import PRIMARIES, Chromaticities

UNSPECIFIED: Final = (0, 2, 3)

TRANSFERS: Final[Mapping[int, str]] = {
    # the curves of BT.709, BT.601 and BT.2020 are made to be seen on the same screens as sRGB
    1: "srgb",
    6: "srgb",
    14: "srgb",
    15: "srgb",
    4: "gamma:2.2",
    5: "gamma:2.8",
    8: "linear",
    11: "srgb",
    13: "srgb",
    16: "pq",
    18: "hlg",
}
"""**Source:** ITU-T H.273 (2021), table 3."""

NAMES: Final[Mapping[int, str]] = {
    1: "srgb",
    4: "bt470m",
    5: "bt601-625",
    6: "bt601-525",
    7: "bt601-525",
    8: "film",
    9: "bt2020",
    10: "xyz",
    11: "dci-p3",
    12: "display-p3",
    22: "ebu3213",
}
"""**Source:** ITU-T H.273 (2021), table 2."""


def declared_transfer(code: int, where: Path) -> str | None:
    """The transfer of a code point, None where it is unspecified; raises `ChoiceNeeded` for one without a name."""
    if code in UNSPECIFIED:
        return None
    if code not in TRANSFERS:
        raise ChoiceNeeded(
            f"{where} declares the transfer characteristics {code} of ITU-T H.273, which are not known here. Write"
            " `transfer:` linear, srgb, gamma:<g>, hlg, pq or unknown.",
            field="transfer",
        )
    return TRANSFERS[code]


def declared_primaries(code: int, where: Path) -> Chromaticities | None:
    """The primaries of a code point, None where they are unspecified; raises `ChoiceNeeded` for an unknown one."""
    if code in UNSPECIFIED:
        return None
    if code not in NAMES:
        raise ChoiceNeeded(
            f"{where} declares the colour primaries {code} of ITU-T H.273, which are not known here. Write"
            f" `primaries:` one of {', '.join(PRIMARIES)}.",
            field="primaries",
        )
    return PRIMARIES[NAMES[code]]
