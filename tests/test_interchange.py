"""What docs/interchange.md prints runs as printed."""

import re
from pathlib import Path

import torch

ROOT = Path(__file__).parents[1]


def test_the_page_runs_from_top_to_bottom(tmp_path, monkeypatch):
    text = (ROOT / "docs" / "interchange.md").read_text(encoding="utf-8")
    code = "".join(re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL))
    monkeypatch.chdir(tmp_path)
    told = {}
    with torch.random.fork_rng():
        exec(compile(code, "interchange.md", "exec"), told)
    assert torch.equal(told["again"].video, told["solution"].video)
    assert torch.equal(told["again"].latent, told["solution"].latent)
    assert torch.equal(told["batch"]["video"][:3], told["solution"].video[:, 0])
    assert told["pairs"][7]["truth"].shape == (1, 1, 32, 32)
    assert told["prior"].predicts == "eps"
