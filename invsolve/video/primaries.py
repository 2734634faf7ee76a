"""Primaries: the red, green and blue that a colour mixes, and conversion to those of sRGB."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from invsolve.video.curve import named_curve

Chromaticities = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]
"""CIE 1931 ``x, y`` of red, green, blue and white."""

_D65: Final = (0.3127, 0.3290)

SRGB: Final = "srgb"
PRIMARIES: Final[Mapping[str, Chromaticities]] = {
    SRGB: ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060), _D65),
    "bt601-625": ((0.640, 0.330), (0.290, 0.600), (0.150, 0.060), _D65),
    "bt601-525": ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), _D65),
    "bt470m": ((0.670, 0.330), (0.210, 0.710), (0.140, 0.080), (0.310, 0.316)),
    "film": ((0.681, 0.319), (0.243, 0.692), (0.145, 0.049), (0.310, 0.316)),
    "bt2020": ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), _D65),
    "xyz": ((1.0, 0.0), (0.0, 1.0), (0.0, 0.0), (1 / 3, 1 / 3)),
    "dci-p3": ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.314, 0.351)),
    "display-p3": ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), _D65),
    "adobe-rgb": ((0.640, 0.330), (0.210, 0.710), (0.150, 0.060), _D65),
    "ebu3213": ((0.630, 0.340), (0.295, 0.605), (0.155, 0.077), _D65),
}
"""**Source:** ITU-T H.273 (2021), table 2; Adobe RGB (1998) colour image encoding, section 4.3."""

_BRADFORD: Final = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def named(chromaticities: Chromaticities) -> str | None:
    """The name of `chromaticities`, where they have one to within 0.002."""
    for name, known in PRIMARIES.items():
        if np.abs(np.array(known) - np.array(chromaticities)).max() <= 0.002:
            return name
    return None


def to_srgb(chromaticities: Chromaticities) -> npt.NDArray[np.float64]:
    """The 3 x 3 matrix from linear light of these primaries to linear light of sRGB's; white stays white.

    ``M = P_srgb^-1 B P``, with ``P`` the XYZ of the primaries, scaled to add up to white, and ``B`` Bradford's change
    from one white to the other.

    References:
        SMPTE RP 177; ICC.1:2022, annex E, for Bradford's matrix.
    """
    ours = PRIMARIES[SRGB]
    ratio = (_BRADFORD @ _xyz(ours[3])) / (_BRADFORD @ _xyz(chromaticities[3]))
    adapted = np.linalg.inv(_BRADFORD) @ np.diag(ratio) @ _BRADFORD
    return np.asarray(np.linalg.inv(_mixture(ours)) @ adapted @ _mixture(chromaticities))


def as_srgb(pixels: Tensor, chromaticities: Chromaticities, transfer: str, *, unclipped: bool = False) -> Tensor:
    """Colours ``... c h w`` as mixtures of sRGB's primaries, in the same known transfer.

    What sRGB cannot show is clipped to [0, 1], unless `unclipped` keeps linear light as it is.
    """
    matrix = torch.from_numpy(to_srgb(chromaticities)).to(pixels)
    linear = pixels if unclipped else named_curve(transfer).decode(pixels.clamp(0, 1))
    mixed = torch.einsum("ij,...jhw->...ihw", matrix, linear)
    return mixed if unclipped else named_curve(transfer).encode(mixed.clamp(0, 1))


def _xyz(white: tuple[float, float]) -> npt.NDArray[np.float64]:
    x, y = white
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _mixture(chromaticities: Chromaticities) -> npt.NDArray[np.float64]:
    columns = np.array([[x, y, 1 - x - y] for x, y in chromaticities[:3]]).T
    return np.asarray(columns * np.linalg.solve(columns, _xyz(chromaticities[3])))
