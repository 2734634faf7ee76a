from collections.abc import Iterator
from pathlib import Path

import pytest

from invsolve.testing import installed


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Path]:
    """A folder that counts as installed: what `pretend` writes into it is found."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    with installed(folder):
        yield folder
