"""Make the spreads of a network those of its errors: python plugins/photographs/evaluation/calibrate.py IN OUT ...

For windows of a high-speed video, ``|error| / spread`` of the sharp picture and of each component of the displacement
at the last frame (its flow by dense inverse search): their 60 % quantiles become those of a normal law. Use windows
that the network is not measured on.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from cyclopts import App
from scenes import windows

from invsolve.plugin import Catalog
from invsolve_photographs.model_file import read_network, write_network
from invsolve_photographs.motion.regions import Regions
from invsolve_photographs.network.inference import estimated

app = App()
SHARE = 0.6
NORMAL = 0.8416  # half of a normal law's central interval of 60 %, in stds


@app.default
def main(given: Path, out: Path, *, frames: Path, range: str = "0..190", count: int = 24, mirrors: int = 2) -> None:
    """Write the model file `given` again to `out`, with ``picture_std`` and ``end_std`` among its facts."""
    torch.set_num_threads(1)
    model = read_network(given)
    flow = Catalog.discover().load("flow", "dis")()
    picture, end = [], []
    for scene in windows(frames, range, count):
        found = estimated(model.network, scene.photograph, mirrors)
        middle = scene.truth.shape[2] // 2
        picture.append(((found.sharp - scene.truth[:, :, middle]).abs() / found.sharp_spread).flatten())
        true = torch.nn.functional.avg_pool2d(flow.between(scene.truth[:, :, -1], scene.truth[:, :, middle])[0], 4)
        towards = Regions.of(found.path.line[0]).towards[None]
        moved = (
            found.path.displacements(torch.tensor([1.0]), towards)[:, :, 0],
            found.path.displacements(torch.tensor([-1.0]), towards)[:, :, 0],
        )
        nearer = min(moved, key=lambda each: float((each - true).square().mean()))
        end.append(((nearer - true).abs() / found.end_spread).flatten())
    stds = {
        "picture_std": float(np.quantile(torch.cat(picture).numpy(), SHARE)) / NORMAL,
        "end_std": float(np.quantile(torch.cat(end).numpy(), SHARE)) / NORMAL,
    }
    write_network(out, model.network, model.sizes, {**model.facts, "calibration": stds})
    sys.stdout.write(json.dumps(stds) + "\n")


if __name__ == "__main__":
    app()
