"""Test the diffusers plugin at both ends of the versions that its pyproject.toml allows.

    python tools/diffusers_ends.py [PYTEST ARGUMENTS]

Each end's diffusers and transformers are installed into a folder of their own, without what they depend on, and stand
before the environment's on the path; by default the tests that compare with diffusers itself run. Exits with 1 if an
end fails.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
TESTS: Final = ROOT / "plugins" / "diffusers" / "tests"
ENDS: Final = (
    {"diffusers": "0.42.0", "transformers": "5.23.0"},
    {"diffusers": "0.42.1", "transformers": "5.24.0"},
)
COMPARED: Final = ("test_schedulers.py", "test_trajectories.py", "test_picture_trajectories.py", "test_text.py")


def main(arguments: list[str]) -> int:
    """Run the tests at each end; 0 if all pass."""
    wanted = arguments or [str(TESTS / name) for name in COMPARED]
    failed = []
    for end in ENDS:
        said = " and ".join(f"{name} {version}" for name, version in end.items())
        with tempfile.TemporaryDirectory() as folder:
            names = [f"{name}=={version}" for name, version in end.items()]
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", folder, *names]
            subprocess.run(pip, check=True)
            environment = {**os.environ, "PYTHONPATH": folder}
            print(f"with {said}:", flush=True)
            run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *wanted]
            if subprocess.run(run, cwd=ROOT, env=environment, check=False).returncode:
                failed.append(said)
    print("\n".join(f"failed with {said}" for said in failed) or "both ends pass")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
