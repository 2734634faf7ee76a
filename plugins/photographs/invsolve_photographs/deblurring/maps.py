"""Pictures of a motion, of what is open in it, and of how uncertain a sharp picture is."""

import colorsys
from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor

from invsolve_photographs.law import PhotographLaw
from invsolve_photographs.motion.line import oriented
from invsolve_photographs.motion.path import EXPOSURE
from invsolve_photographs.motion.render import enlarged

UNCERTAIN: Final = 0.15  # display values: white in the map of uncertainty
REGION_COLOURS: Final = tuple(colorsys.hsv_to_rgb(k / 6, 0.75, 1.0) for k in range(6))


def motion_map(law: PhotographLaw) -> Float[Tensor, "3 h w"]:
    """Lines of motion: the hue is twice the angle (red level, cyan upright), the brightness the length."""
    line = law.estimate.path.line
    length = line[0].square().sum(0).sqrt()
    largest = max(1.0, float(length.quantile(0.99)))
    hue = (torch.atan2(line[0, 1], line[0, 0]) / (2 * torch.pi)) % 1
    return _as_large(_coloured(hue, (length / largest).clamp_max(1.0)), law)


def ambiguity_map(law: PhotographLaw) -> Float[Tensor, "3 h w"]:
    """Regions whose direction of time is open independently, one colour each, darker where less moves."""
    colours = torch.tensor(REGION_COLOURS)
    length = law.estimate.path.line[0].square().sum(0).sqrt()
    brightness = (length / max(1.0, float(length.quantile(0.99)))).clamp(0.15, 1.0)
    return _as_large(colours[law.regions.labels].permute(2, 0, 1) * brightness, law)


def uncertainty_map(law: PhotographLaw) -> Float[Tensor, "1 h w"]:
    """The std of the sharp picture, and of its shift by the motion's error; white is 0.15 of the range of values."""
    return (uncertainty(law) / UNCERTAIN).clamp_max(1.0)[0]


def uncertainty(law: PhotographLaw) -> Float[Tensor, "1 1 h w"]:
    """``sqrt(picture_std^2 + |grad M|^2 end_std^2)`` of the first and of the last frame [display values]."""
    height, width = law.size
    sharp = law.estimate.sharp.mean(1, keepdim=True)
    down = torch.zeros_like(sharp)
    right = torch.zeros_like(sharp)
    down[..., 1:-1, :] = (sharp[..., 2:, :] - sharp[..., :-2, :]) / 2
    right[..., 1:-1] = (sharp[..., 2:] - sharp[..., :-2]) / 2
    moved = enlarged(law.end_std)[..., :height, :width]
    return (law.picture_std.square() + (down.square() + right.square()) * moved.square()).sqrt()


def lengths(law: PhotographLaw) -> Float[Tensor, "h4 w4"]:
    """How far each point moves from end to end of the exposure [pixels]."""
    return 2 * EXPOSURE * law.estimate.path.line[0].square().sum(0).sqrt()


def arrows(law: PhotographLaw) -> Float[Tensor, "2 h4 w4"]:
    """Displacements ``(down, right)`` at time 1 in the direction in which neighbours agree."""
    return oriented(law.estimate.path.line, law.regions.towards[None])[0]


def _coloured(hue: Float[Tensor, "h w"], value: Float[Tensor, "h w"]) -> Float[Tensor, "3 h w"]:
    """Full colours of a hue in [0, 1) with a brightness in [0, 1]."""
    shifts = torch.tensor([0.0, 2 / 3, 1 / 3])[:, None, None]
    return ((((hue + shifts) % 1) * 6 - 3).abs() - 1).clamp(0, 1) * value


def _as_large(field: Float[Tensor, "3 h4 w4"], law: PhotographLaw) -> Float[Tensor, "3 h w"]:
    height, width = law.size
    return enlarged(field[None])[0, :, :height, :width].clamp(0, 1)
