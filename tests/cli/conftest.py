from collections.abc import Iterator
from pathlib import Path

import pytest

from invsolve.testing.pretend import installed


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Path]:
    """A folder that counts as installed."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    with installed(folder):
        yield folder
