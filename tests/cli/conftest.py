import contextlib
import io
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

from invsolve.cli import main

RECIPE = """\
recipe: 1
input: {read: simulate, from: {read: image, path: photo.png}}
operator: {use: convolution, kernel: gaussian, std: 1.0}
noise: {use: gaussian, std: 0.02}
prior: {use: gaussian, mean: law.npz, covariance: law.npz}
sampler: {use: diffusion, steps: 6, guidance: {use: exact}}
samples: 2
metrics: [psnr, reblur]
"""


def furnish(folder):
    """Write a small photo, a Gaussian prior that fits it, and `recipe.yaml`."""
    height, width = 11, 12
    y, x = np.mgrid[0:height, 0:width].reshape(2, -1)
    distance = np.hypot(y[:, None] - y, x[:, None] - x)
    covariance = 0.04 * np.exp(-distance / 6) + 1e-6 * np.eye(height * width)
    drawn = np.linalg.cholesky(covariance) @ np.random.default_rng(0).standard_normal(height * width)
    picture = np.clip(0.5 + drawn, 0, 1).reshape(height, width)
    Image.fromarray((picture * 255).round().astype(np.uint8)).save(folder / "photo.png")
    np.savez(folder / "law.npz", mean=np.full((1, 1, height, width), 0.5), covariance=covariance)
    (folder / "recipe.yaml").write_text(RECIPE)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A furnished folder, also the current directory."""
    furnish(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A furnished folder in which the recipe was run, and what was printed."""
    folder = tmp_path_factory.mktemp("done")
    furnish(folder)
    printed = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(printed):
        assert main(["run", "recipe.yaml", "--device", "cpu"]) == 0
    (run,) = (folder / "runs" / "recipe").iterdir()
    return folder, run, printed.getvalue()


@pytest.fixture
def process(here):
    """Starts the command line in a process of its own, in the folder `here`."""
    started = []

    def start(*words, before=""):
        code = f"{before}\nimport sys; from invsolve.cli import main; sys.exit(main())"
        running = subprocess.Popen(
            [sys.executable, "-c", code, *words],
            cwd=here,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(running)
        return running

    yield start
    for running in started:
        if running.poll() is None:
            running.send_signal(signal.SIGKILL)
        running.communicate()


@pytest.fixture
def until():
    """Waits until something is true, at most a minute."""

    def wait(condition, running):
        end = time.monotonic() + 60
        while not condition():
            assert running.poll() is None, running.communicate()
            assert time.monotonic() < end, "waited for a minute"
            time.sleep(0.002)

    return wait
