"""`Regions`: parts of a picture whose directions of motion are open independently of each other."""

from typing import Final, final

import attrs
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int64
from torch import Tensor

from invsolve_photographs.motion.signs import CELLS, agreed, coarse_lines

MOST: Final = 6  # regions, so that all their 2^6 combinations of directions can be listed
ALIKE: Final = 0.8  # cosine of the angle between lines of neighbours in one region
MOVING: Final = 0.5  # pixels: what moves less has no line
LEAST: Final = 0.02  # of the picture's area, and of all motion in it
COUPLING: Final = 1.5  # logit of one direction for two regions whose lines agree all along their border


@final
@attrs.frozen(eq=False)
class Regions:
    """Regions with one direction each, and how much more likely one direction for two of them is.

    Attributes:
        labels: the region of each point of the grid, ``0 .. r - 1``.
        towards: vectors on the sides that go together where neighbouring lines agree.
        coupling: ``r r``, symmetric, 0 on the diagonal: directions ``s = +-1`` have the probability ``exp(sum_{i<j}
            coupling_ij s_i s_j) / Z``, the same for ``s`` and ``-s``.
    """

    labels: Int64[Tensor, "h w"]
    towards: Float[Tensor, "2 h w"]
    coupling: Float[Tensor, "r r"]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.coupling)

    def directions(self) -> tuple[Float[Tensor, "m r"], Float[Tensor, " m"]]:
        """Every combination of directions, and the logarithm of its probability."""
        numbers = torch.arange(2**self.count)
        bits = (numbers[:, None] >> torch.arange(self.count)) & 1
        signs = (1 - 2 * bits).to(self.coupling)
        energy = torch.einsum("mi,ij,mj->m", signs, self.coupling, signs) / 2
        return signs, energy - energy.logsumexp(0)

    def spread_out(self, values: Float[Tensor, "b r"]) -> Float[Tensor, "b 1 h w"]:
        """One value a region, at every point of the grid."""
        return values[:, self.labels][:, None]

    def sums(self, field: Float[Tensor, "b 1 h w"]) -> Float[Tensor, "b r"]:
        """The sum of a field over each region."""
        found = field.new_zeros(len(field), self.count)
        return found.index_add(1, self.labels.flatten(), field.flatten(1))

    def sizes(self) -> Float[Tensor, " r"]:
        """How many points each region has."""
        return torch.bincount(self.labels.flatten(), minlength=self.count).to(self.coupling)

    @classmethod
    def of(cls, line: Float[Tensor, "2 h w"]) -> "Regions":
        """The regions of a field of lines: cells that hang together by neighbours with like lines."""
        towards = agreed(line)
        coarse, size = coarse_lines(line, CELLS)
        sides = F.adaptive_avg_pool2d(towards[None], size)[0]
        coarse = torch.where((coarse * sides).sum(0) < 0, -coarse, coarse)
        cells = _merged(_components(coarse), coarse)
        height, width = line.shape[1:]
        labels = F.interpolate(cells[None, None].float(), size=(height, width), mode="nearest")[0, 0].long()
        return cls(labels, towards, _coupling(cells, coarse))


def _neighbours(size: tuple[int, int]) -> list[tuple[Tensor, Tensor]]:
    """Pairs of cells that touch, as flat numbers."""
    cells = torch.arange(size[0] * size[1]).reshape(size)
    return [
        (cells[:, :-1].flatten(), cells[:, 1:].flatten()),
        (cells[:-1].flatten(), cells[1:].flatten()),
        (cells[:-1, :-1].flatten(), cells[1:, 1:].flatten()),
        (cells[:-1, 1:].flatten(), cells[1:, :-1].flatten()),
    ]


def _components(vectors: Float[Tensor, "2 r c"]) -> Int64[Tensor, "r c"]:
    """Connected components of cells whose neighbours move along like lines; each still cell is one of its own."""
    rows, columns = vectors.shape[1:]
    flat = vectors.flatten(1)
    length = flat.square().sum(0).sqrt()
    labels = torch.arange(rows * columns)
    pairs = []
    for one, other in _neighbours((rows, columns)):
        moving = (length[one] > MOVING) & (length[other] > MOVING)
        like = (flat[:, one] * flat[:, other]).sum(0).abs() > ALIKE * length[one] * length[other]
        kept = moving & like
        pairs.append((one[kept], other[kept]))
    ones, others = (torch.cat(side) for side in zip(*pairs, strict=True))
    while True:
        least = torch.minimum(labels[ones], labels[others])
        new = labels.scatter_reduce(0, ones, least, "amin").scatter_reduce(0, others, least, "amin")
        new = new[new]
        if torch.equal(new, labels):
            return labels.reshape(rows, columns)
        labels = new


def _merged(labels: Int64[Tensor, "r c"], vectors: Float[Tensor, "2 r c"]) -> Int64[Tensor, "r c"]:
    """The largest regions, numbered by how much moves in them; every other cell goes to the nearest of them."""
    length = vectors.square().sum(0).sqrt()
    distinct = torch.unique(labels, return_inverse=True)
    names, inverse = distinct[0], distinct[1]
    area = torch.bincount(inverse.flatten(), minlength=len(names)).float() / labels.numel()
    moved = torch.bincount(inverse.flatten(), weights=length.flatten(), minlength=len(names))
    moved = moved / moved.sum().clamp_min(1e-9)
    order = moved.argsort(descending=True)
    kept = [int(k) for k in order[:MOST] if area[k] >= LEAST and moved[k] >= LEAST] or [int(order[0])]
    found = torch.full_like(labels, -1)
    for number, k in enumerate(kept):
        found[inverse == k] = number
    while bool((found < 0).any()):
        found = torch.where(found < 0, _grown(found), found)
    return found


def _grown(labels: Int64[Tensor, "r c"]) -> Int64[Tensor, "r c"]:
    """Each cell's largest label among its neighbours; -1 where none has one."""
    return F.max_pool2d(labels[None, None].float(), 3, 1, 1)[0, 0].long()


def _coupling(labels: Int64[Tensor, "r c"], vectors: Float[Tensor, "2 r c"]) -> Float[Tensor, "k k"]:
    """``COUPLING`` times the mean cosine between moving neighbours on either side of each border."""
    count = int(labels.max()) + 1
    flat, names = vectors.flatten(1), labels.flatten()
    length = flat.square().sum(0).sqrt()
    total, number = torch.zeros(count, count), torch.zeros(count, count)
    for one, other in _neighbours((labels.shape[0], labels.shape[1])):
        across = (names[one] != names[other]) & (length[one] > MOVING) & (length[other] > MOVING)
        first, second = one[across], other[across]
        cosine = (flat[:, first] * flat[:, second]).sum(0) / (length[first] * length[second])
        for here, there in ((first, second), (second, first)):
            pair = (names[here], names[there])
            total.index_put_(pair, cosine, accumulate=True)
            number.index_put_(pair, torch.ones_like(cosine), accumulate=True)
    return COUPLING * total / number.clamp_min(1)
