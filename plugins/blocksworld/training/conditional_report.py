"""CONDITIONAL.md: what the conditional weights make of a picture, of the wrong one, and of none, on test clips."""

from pathlib import Path

import attrs
import numpy as np
import torch
from torch import Tensor

from invsolve.evaluation.statistics import median_interval
from invsolve.media import ReadContext
from invsolve.prior import Prior
from invsolve.schedule import NoiseLevel
from invsolve_blocksworld import BlocksworldReader
from invsolve_priors import ExposureConditioned, STDiT

CLIPS, AT_ONCE, LEVELS = 64, 8, 9
HERE = Path(__file__).parents[1]
NOISE = 0.01


@attrs.frozen(eq=False)
class Held:
    """Test clips of ten frames as latents, with the latents of their noisy blurred pictures."""

    z0: Tensor
    picture: Tensor
    eps: Tensor

    @classmethod
    def read(cls, prior: Prior) -> "Held":
        """The first test clips; the picture is the mean of all frames."""
        clips = BlocksworldReader(split="test", index=0, clips=CLIPS).read(ReadContext()).video
        stream = torch.Generator().manual_seed(0)
        picture = clips.mean(2, keepdim=True)
        picture = picture + NOISE * torch.randn(picture.shape, generator=stream)
        parts = [(prior.encode(c), prior.encode(p)) for c, p in zip(clips.split(8), picture.split(8), strict=True)]
        z0, shown = (torch.cat(each) for each in zip(*parts, strict=True))
        return cls(z0, shown, torch.randn(z0.shape, generator=stream))

    def errors(self, prior: Prior, level: NoiseLevel, picture: Tensor) -> list[float]:
        """The mean squared error of the clean latent, clip by clip."""
        found = []
        for rows in torch.arange(CLIPS).split(AT_ONCE):
            z0 = self.z0[rows]
            estimate = prior.predict(level.a * z0 + level.s * self.eps[rows], level, picture[rows]).z0
            found += (estimate - z0).square().mean((1, 2, 3, 4)).tolist()
        return found


def main() -> None:
    """Measure and write."""
    torch.manual_seed(0)
    network = STDiT(weights="blocksworld_conditional", precision="auto")
    prior = ExposureConditioned(prior=network)
    lines = [
        "# What the conditional weights make of their condition",
        "",
        "Written by `python plugins/blocksworld/training/conditional_report.py`.",
        "",
        f"- sha256 `{network.model.sha256}`, {network.card.facts['steps']} steps",
        f"- {CLIPS} test clips of 10 frames, pictures with noise of std {NOISE}",
        "",
        "Mean squared error of the clean latent (unit variance) with the clip's own blurred picture, with that of",
        "another clip, and with none; medians over clips with 95 % bootstrap intervals. Last column: clips whose error",
        "is lowest with their own picture.",
        "",
        "| s / a | own | another's | none | own is best |",
        "| --- | --- | --- | --- | --- |",
    ]
    with torch.no_grad():
        held = Held.read(prior)
        conditions = (held.picture, held.picture.roll(1, 0), torch.zeros_like(held.picture))
        for level in network.schedule.levels(LEVELS)[:-1]:
            found = np.array([held.errors(prior, level, picture) for picture in conditions])
            cells = []
            for errors in found:
                interval = median_interval(list(errors))
                cells.append(f"{interval.median:.4f} [{interval.low:.4f}, {interval.high:.4f}]")
            best = float((found.argmin(0) == 0).mean())
            lines.append(f"| {level.s / level.a:.3g} | {' | '.join(cells)} | {100 * best:.0f} % |")
    (HERE / "CONDITIONAL.md").write_text("\n".join([*lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
