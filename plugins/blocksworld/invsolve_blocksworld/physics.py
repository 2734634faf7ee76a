"""`Motion`: where every solid is at any time, exact between collisions."""

from itertools import combinations
from typing import final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import ComponentError
from invsolve_blocksworld.scene import Scenes


def path_time(time: Tensor, drag: float) -> Tensor:
    """``(1 - exp(-drag t)) / drag``: under drag ``v' = -drag v`` every path is a straight line in this time."""
    return time if drag == 0 else -torch.expm1(-drag * time) / drag


@final
@attrs.frozen(eq=False)
class Motion:
    """The paths of the solids of `scenes` up to `duration` [s]: elastic collisions of discs under drag.

    All solids share one drag, so that in the time ``u = (1 - exp(-drag t)) / drag`` they move along straight lines,
    and the times of collisions are roots of quadratics: nothing depends on a step size, and any sub-frame time can be
    asked for. Frictionless discs exchange momentum along the line of their centres and keep their spin.

    `starts` (``b e``, in ``u``) says when each of the ``e`` straight stretches begins, `positions` and `velocities`
    (``b e k 2``, per ``u``) what holds there.
    """

    scenes: Scenes
    drag: float
    duration: float
    starts: Float[Tensor, "b e"]
    positions: Float[Tensor, "b e k 2"]
    velocities: Float[Tensor, "b e k 2"]

    @property
    def collisions(self) -> Tensor:
        """The number of collisions in each clip."""
        return torch.isfinite(self.starts).sum(1) - 1

    def at(self, times: Float[Tensor, " t"]) -> tuple[Tensor, Tensor, Tensor]:
        """Positions ``b t k 2`` [m], velocities ``b t k 2`` [m/s] and angles ``b t k`` [rad] at `times` [s]."""
        times = times.to(torch.float64)
        if bool((times < 0).any()) or float(times.max()) > self.duration * (1 + 1e-9):
            raise ComponentError(f"times must lie in [0, {self.duration}] s, got {times.min():g} to {times.max():g}.")
        u = path_time(times, self.drag).expand(self.starts.shape[0], -1)
        # a collision belongs to the stretch that it begins
        stretch = torch.searchsorted(self.starts, u.contiguous(), right=True) - 1
        rows = torch.arange(u.shape[0])[:, None]
        velocity = self.velocities[rows, stretch]
        elapsed = (u - self.starts[rows, stretch])[..., None, None]
        decay = torch.exp(-self.drag * times)[None, :, None, None]
        angle = self.scenes.angle[:, None] + self.scenes.spin[:, None] * u[..., None]
        return self.positions[rows, stretch] + velocity * elapsed, velocity * decay, angle


def move(scenes: Scenes, drag: float, duration: float) -> Motion:
    """Follow `scenes` from collision to collision for `duration` [s]."""
    b = len(scenes.radius)
    end = float(path_time(torch.tensor(duration, dtype=torch.float64), drag))
    position, velocity = scenes.position.clone(), scenes.velocity.clone()
    now = torch.zeros(b, dtype=torch.float64)
    starts, positions, velocities = [now], [position], [velocity]
    while True:
        waiting, first, second = _next_collision(scenes, position, velocity)
        collides = now + waiting <= end
        if not bool(collides.any()):
            break
        waiting = torch.where(collides, waiting, 0.0)
        now = now + waiting
        position = position + velocity * waiting[:, None, None]
        velocity = torch.where(
            collides[:, None, None], _bounce(scenes.mass, position, velocity, first, second), velocity
        )
        starts.append(torch.where(collides, now, torch.inf))
        positions.append(position)
        velocities.append(velocity)
    return Motion(scenes, drag, duration, torch.stack(starts, 1), torch.stack(positions, 1), torch.stack(velocities, 1))


def _next_collision(scenes: Scenes, position: Tensor, velocity: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The waiting time in ``u`` (infinite for none) and the two solids that meet first, for each clip."""
    b, k = scenes.radius.shape
    pairs = torch.tensor(list(combinations(range(k), 2)), dtype=torch.long).reshape(-1, 2)
    if len(pairs) == 0:
        none = torch.zeros(b, dtype=torch.long)
        return torch.full((b,), torch.inf, dtype=torch.float64), none, none
    i, j = pairs.T
    gap, closing = position[:, i] - position[:, j], velocity[:, i] - velocity[:, j]
    reach = scenes.radius[:, i] + scenes.radius[:, j]
    slope, square = (gap * closing).sum(-1), (closing**2).sum(-1)
    discriminant = slope**2 - square * ((gap**2).sum(-1) - reach**2)
    meets = scenes.present[:, i] & scenes.present[:, j] & (slope < 0) & (discriminant > 0)
    root = (-slope - discriminant.clamp_min(0).sqrt()) / square.clamp_min(1e-300)
    waiting, which = torch.where(meets, root.clamp_min(0), torch.inf).min(1)
    return waiting, i[which], j[which]


def _bounce(mass: Tensor, position: Tensor, velocity: Tensor, first: Tensor, second: Tensor) -> Tensor:
    rows = torch.arange(len(first))
    normal = position[rows, first] - position[rows, second]
    normal = normal / normal.norm(dim=-1, keepdim=True).clamp_min(1e-300)
    closing = ((velocity[rows, first] - velocity[rows, second]) * normal).sum(-1)
    one, other = mass[rows, first], mass[rows, second]
    impulse = (2 * closing * one * other / (one + other))[:, None] * normal
    after = velocity.clone()
    after[rows, first] -= impulse / one[:, None]
    after[rows, second] += impulse / other[:, None]
    return after
