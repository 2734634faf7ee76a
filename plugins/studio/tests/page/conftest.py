"""A studio that runs, as `invsolve studio` starts it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import attrs
import psutil
import pytest


@attrs.frozen
class Served:
    """A studio's address, process, and working directory."""

    address: str
    process: "subprocess.Popen[str]"
    folder: Path

    def memory(self) -> int:
        """Bytes held by the web server and by everything that it started."""
        server = psutil.Process(self.process.pid)
        return sum(each.memory_info().rss for each in (server, *server.children(recursive=True)))


def serve(folder: Path, *options: str) -> Iterator[Served]:
    environment = {**os.environ, "TMPDIR": str(folder / "temporary"), "OMP_NUM_THREADS": "1"}
    (folder / "temporary").mkdir()
    (folder / "plans.txt").write_text("a secret of the server")
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "invsolve", "studio", "--port", "0", "--no-browser", *options],
        cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if " is at " in line:
                break
        assert " is at http://127.0.0.1:" in said, said
        yield Served(said.split(" is at ")[1].split(" ")[0], process, folder)
        assert process.poll() is None
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    yield from serve(tmp_path_factory.mktemp("served"), "--megabytes", "5", "--megapixels", "2")
