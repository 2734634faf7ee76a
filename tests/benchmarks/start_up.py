"""How long `import invsolve`, `invsolve --help` and the way to the first step of a run take.

    python tests/benchmarks/start_up.py [RECIPE ...]     # vdm_md_fast, deblur_photo and photo_to_video by default

CPU seconds of processes of their own, the median of five, less what a process takes that does nothing; of runs, less
what importing torch takes. What has to hold on an idle machine: 0.1, 0.3 and 1.5 s.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile

TIMES = 5
RECIPES = ("vdm_md_fast", "deblur_photo", "photo_to_video")
FIRST_STEP = """
import os, sys
import torch
from invsolve.cli import main
from invsolve.cli.progress import LineProgress

def notify(self, event):
    if type(event).__name__ == "Started":
        os._exit(0)

LineProgress.notify = notify
main(["run", sys.argv[1], "--device", "cpu", "--set", "samples=1"])
os._exit(1)
"""


def seconds(*words: str) -> float:
    """Median CPU time of a process that runs Python with `words`."""
    spent = []
    for _ in range(TIMES):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        with tempfile.TemporaryDirectory() as folder:
            environment = {**os.environ, "OMP_NUM_THREADS": "1"}
            subprocess.run([sys.executable, *words], check=True, cwd=folder, env=environment, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(spent)


def main() -> None:
    """Print a table."""
    nothing = seconds("-c", "pass")
    rows = [
        ("import invsolve", seconds("-c", "import invsolve") - nothing),
        ("invsolve --help", seconds("-m", "invsolve", "--help") - nothing),
    ]
    torch = seconds("-c", "import torch")
    rows.append(("import torch", torch - nothing))
    for recipe in sys.argv[1:] or RECIPES:
        rows.append((f"run {recipe}: to the first step, beside torch", seconds("-c", FIRST_STEP, recipe) - torch))
    print("| | CPU time [s] |\n|---|---|")
    for name, value in rows:
        print(f"| {name} | {value:.2f} |")


if __name__ == "__main__":
    main()
