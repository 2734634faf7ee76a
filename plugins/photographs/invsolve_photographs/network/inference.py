"""What the network sees in one photograph of any size, with mirror images of it averaged."""

from typing import Final

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from invsolve.prior.precision import is_quick_in_bfloat16
from invsolve_photographs.motion.path import Path, exposure_times
from invsolve_photographs.motion.render import QUARTER, render
from invsolve_photographs.motion.signs import agreed
from invsolve_photographs.network.estimate import Estimate
from invsolve_photographs.network.photograph_network import MULTIPLE, PhotographNetwork
from invsolve_photographs.network.tiles import blend_weight, tiles

Mirror = tuple[bool, bool, bool]  # left and right, up and down, transposed afterwards
MIRRORS: dict[int, tuple[Mirror, ...]] = {
    1: ((False, False, False),),
    2: ((False, False, False), (True, True, True)),
    4: ((False, False, False), (True, False, True), (False, True, True), (True, True, False)),
    8: tuple((a, b, c) for a in (False, True) for b in (False, True) for c in (False, True)),
}


FACTORS: Final = (1, QUARTER, QUARTER, QUARTER, 1, QUARTER)  # of the grids of an estimate's parts


@torch.no_grad()
def estimated(network: PhotographNetwork, photograph: Float[Tensor, "1 3 h w"], mirrors: int = 1) -> Estimate:
    """The network's estimate, of display values in [0, 1] and at the photograph's own size.

    A large photograph is seen in overlapping tiles. The grid of the motion covers the photograph, padded to a multiple
    of 4 at the right and at the bottom.

    Args:
        mirrors: how many of the square's eight symmetries are averaged: 1, 2, 4 or 8. Lines are averaged before they
            get signs.
    """
    height, width = photograph.shape[-2:]
    layout = tiles(height, width)
    if len(layout) == 1:
        return _joined(_seen(network, photograph, mirrors))
    totals: list[Tensor] = []
    for tile in layout:
        parts = _seen(network, tile.of(photograph), mirrors)
        if not totals:
            totals = [
                part.new_zeros(*part.shape[:-2], *_grid(height, width, f))
                for part, f in zip(parts, FACTORS, strict=True)
            ]
            weights = {f: photograph.new_zeros(_grid(height, width, f)) for f in set(FACTORS)}
        for factor, total in weights.items():
            here = tile.of(total, factor)
            here += blend_weight(here.shape[-2], here.shape[-1], factor)
        for part, total, factor in zip(parts, totals, FACTORS, strict=True):
            here = tile.of(total, factor)
            here += part * blend_weight(here.shape[-2], here.shape[-1], factor)
    return _joined(tuple(total / weights[factor] for total, factor in zip(totals, FACTORS, strict=True)))


def _seen(network: PhotographNetwork, photograph: Float[Tensor, "1 3 h w"], mirrors: int) -> tuple[Tensor, ...]:
    """The parts of the estimate of a photograph or of a tile of it."""
    height, width = photograph.shape[-2:]
    padded = F.pad(photograph, (0, -width % MULTIPLE, 0, -height % MULTIPLE), mode="replicate")
    found = []
    with torch.autocast(photograph.device.type, torch.bfloat16, enabled=is_quick_in_bfloat16(photograph.device)):
        for mirror in MIRRORS[mirrors]:
            found.append(_mirrored_back(network(_mirrored(padded, mirror).contiguous()), mirror))
    means = [torch.stack(parts).mean(0) for parts in zip(*found, strict=True)]
    sizes = [_grid(height, width, factor) for factor in FACTORS]
    return tuple(mean[..., :rows, :columns] for mean, (rows, columns) in zip(means, sizes, strict=True))


def _joined(parts: tuple[Tensor, ...]) -> Estimate:
    sharp, line, shape, even, sharp_spread, end_spread = parts
    return Estimate(sharp, Path(line, shape, even), sharp_spread, end_spread)


def _grid(height: int, width: int, factor: int) -> tuple[int, int]:
    return (-(-height // factor), -(-width // factor))


@torch.no_grad()
def rendered(found: Estimate, frames: int) -> Float[Tensor, "1 3 t h w"]:
    """The likeliest video: frames in the middles of equal parts of the exposure, with signs that agree."""
    towards = agreed(found.path.line[0])[None]
    return video_of(found.sharp, found.path.displacements(exposure_times(frames), towards))


def video_of(
    sharp: Float[Tensor, "b 3 h w"], displacements: Float[Tensor, "b 2 t h4 w4"]
) -> Float[Tensor, "b 3 t h w"]:
    """`render` for pictures whose sides are no multiples of 4: the grid of `displacements` may reach beyond."""
    height, width = sharp.shape[-2:]
    rows, columns = (QUARTER * side for side in displacements.shape[-2:])
    padded = F.pad(sharp, (0, columns - width, 0, rows - height), mode="replicate")
    return render(padded, displacements)[..., :height, :width]


def _mirrored(picture: Tensor, mirror: Mirror) -> Tensor:
    across, down, transposed = mirror
    picture = picture.flip(-1) if across else picture
    picture = picture.flip(-2) if down else picture
    return picture.transpose(-1, -2) if transposed else picture


def _mirrored_back(seen: Estimate, mirror: Mirror) -> tuple[Tensor, ...]:
    """The parts of an estimate of a mirrored photograph, as they are in the photograph itself."""
    across, down, transposed = mirror
    parts: tuple[Tensor, ...]
    parts = (seen.sharp, seen.path.line, seen.path.shape, seen.path.even, seen.sharp_spread, seen.end_spread)
    if transposed:
        parts = tuple(part.transpose(-1, -2) for part in parts)
    parts = tuple(_mirrored(part, (across, down, False)) for part in parts)
    sharp, line, shape, even, sharp_spread, end_spread = parts
    if transposed:
        line = line * line.new_tensor([-1.0, 1.0])[:, None, None]
        even = even.flip(1)
    if across != down:
        line = line * line.new_tensor([1.0, -1.0])[:, None, None]
    sign = even.new_tensor([-1.0 if down else 1.0, -1.0 if across else 1.0])
    return sharp, line, shape, even * sign[:, None, None, None], sharp_spread, end_spread
