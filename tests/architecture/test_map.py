"""docs/architecture.md is true: its compositions are samplers, its table names every room."""

import re
from pathlib import Path

from invsolve import Sampler

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_five_published_methods_are_compositions():
    block = re.findall(r"```python\n(from invsolve_samplers.*?)```", PAGE, flags=re.DOTALL)[0]
    names: dict[str, object] = {}
    exec(block, names)
    made = [value for value in names.values() if isinstance(value, Sampler)]
    assert len(made) == 5
    assert len({(type(sampler.kernel), type(sampler.guidance)) for sampler in made}) == 5


def test_the_table_names_every_room():
    table = "".join(line for line in PAGE.splitlines() if line.startswith("| `"))
    named = {name.rstrip("/") for name in re.findall(r"`([\w.]+/?)`", table.replace("| holds |", ""))}
    rooms = {
        path.name for path in (ROOT / "invsolve").iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()
    }
    aside = {"__init__.py", "__main__.py", "_plugin.py", "py.typed"}
    assert rooms - aside - named == set()
