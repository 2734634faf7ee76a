"""How the packages hang together, read from their imports: rooms, floors, arrows and circles.

    python tools/import_map.py                 # every package that `pyproject.toml` checks
    python tools/import_map.py --rooms invsolve  # the rooms of one package, floor by floor

A room is a module or a package directly inside a package; an arrow is one room importing another, wherever the import
stands except under `if TYPE_CHECKING`. Rooms that import each other in a circle share a floor; every other room stands
one floor above the highest that it imports. A flat room is a single file.
"""

import argparse
import sys
import tomllib
from pathlib import Path
from typing import final

import attrs
import grimp

ROOT = Path(__file__).parents[1]


@final
@attrs.frozen
class ImportMap:
    """The rooms of one package and their imports.

    Attributes:
        package: its name.
        arrows: each room and the rooms that it imports.
        flat: the rooms that are a single file.
    """

    package: str
    arrows: dict[str, frozenset[str]]
    flat: frozenset[str]

    @classmethod
    def read(cls, package: str) -> "ImportMap":
        """The map of an importable package."""
        graph = grimp.build_graph(package, exclude_type_checking_imports=True)
        rooms = sorted(name.rpartition(".")[2] for name in graph.find_children(package))
        arrows: dict[str, set[str]] = {room: set() for room in rooms}
        for module in graph.modules:
            for imported in graph.find_modules_directly_imported_by(module):
                here, there = _room(package, module), _room(package, imported)
                if here and there and here != there:
                    arrows[here].add(there)
        flat = frozenset(room for room in rooms if not graph.find_children(f"{package}.{room}"))
        return cls(package, {room: frozenset(to) for room, to in arrows.items()}, flat)

    @property
    def circles(self) -> list[frozenset[str]]:
        """Groups of rooms that import each other, directly or through others."""
        reach = {room: self._reachable(room) for room in self.arrows}
        groups = {frozenset(b for b in reach if b in reach[a] and a in reach[b]) for a in reach}
        return sorted((group for group in groups if len(group) > 1), key=sorted)

    @property
    def floors(self) -> dict[str, int]:
        """The floor of each room, from 1."""
        circle = {room: group for group in self.circles for room in group}
        found: dict[str, int] = {}

        def floor(room: str) -> int:
            if room not in found:
                together = circle.get(room, frozenset({room}))
                below = {lower for member in together for lower in self.arrows[member]} - together
                height = 1 + max((floor(lower) for lower in below), default=0)
                found.update(dict.fromkeys(together, height))
            return found[room]

        for room in self.arrows:
            floor(room)
        return found

    def _reachable(self, room: str) -> frozenset[str]:
        seen: set[str] = set()
        ahead = [room]
        while ahead:
            for lower in self.arrows[ahead.pop()] - seen:
                seen.add(lower)
                ahead.append(lower)
        return frozenset(seen)


def _room(package: str, module: str) -> str:
    inside = module.removeprefix(package + ".")
    return "" if inside == module else inside.partition(".")[0]


def main() -> None:
    """Print one row for each package, or the rooms of one."""
    parser = argparse.ArgumentParser(description="Rooms, floors, arrows and circles of the packages.")
    parser.add_argument("--rooms", metavar="PACKAGE", help="list the rooms of this package, the highest floor first")
    chosen = parser.parse_args().rooms
    if chosen:
        found = ImportMap.read(chosen)
        for height in sorted(set(found.floors.values()), reverse=True):
            names = (f"{room}.py" if room in found.flat else f"{room}/" for room in found.arrows)
            on_it = [n for n, room in zip(names, found.arrows, strict=True) if found.floors[room] == height]
            print(f"{height:3}  {'  '.join(on_it)}")
        return
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    print(f"{'package':<24} rooms  flat  floors  arrows  circles")
    for package in settings["tool"]["importlinter"]["root_packages"]:
        found = ImportMap.read(package)
        arrows = sum(map(len, found.arrows.values()))
        circles = "; ".join(" <-> ".join(sorted(group)) for group in found.circles) or "none"
        rooms, floors = len(found.arrows), max(found.floors.values())
        print(f"{package:<24} {rooms:5}  {len(found.flat):4}  {floors:6}  {arrows:6}  {circles}")


if __name__ == "__main__":
    sys.exit(main())
