"""Pretend-installed distributions: what `importlib.metadata` sees of a plugin, without pip.

with installed(tmp_path):
    pretend(tmp_path, "invsolve-acme", manifest=MANIFEST)
    catalog = Catalog.discover({})
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import invalidate_caches
from pathlib import Path


def pretend(
    folder: Path,
    distribution: str,
    *,
    manifest: str,
    version: str = "1.0",
    entry_point: str | None = None,
    modules: Mapping[str, str] | None = None,
) -> str:
    """Write a distribution whose one entry point names a module with the source text `manifest`; return its name.

    The module is the distribution's name in snake case with `_manifest` behind it. `modules` are further modules or
    packages next to it, `{"acme/flip.py": source}`. It counts as installed once `folder` is on `sys.path`
    (`installed`), or on `PYTHONPATH` for a process of its own.
    """
    stem = distribution.replace("-", "_")
    module = f"{stem}_manifest"
    for name, source in {f"{module}.py": manifest, **(modules or {})}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(source, encoding="utf-8")
    info = folder / f"{stem}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n", encoding="utf-8"
    )
    point = entry_point or distribution.removeprefix("invsolve-")
    (info / "entry_points.txt").write_text(f"[invsolve]\n{point} = {module}\n", encoding="utf-8")
    invalidate_caches()
    return module


def manifest_of(*components: tuple[str, str, str], api: int = 1) -> str:
    """The source text of a manifest that lists `(kind, name, target)`."""
    lines = [f"    Component({k!r}, {n!r}, {t!r}, 'Made for a test.', api={api})," for k, n, t in components]
    return "\n".join(
        [
            "from invsolve.plugin import Component, hookimpl",
            "",
            "COMPONENTS = (",
            *lines,
            ")",
            "",
            "",
            "@hookimpl",
            "def invsolve_components():",
            "    return COMPONENTS",
            "",
        ]
    )


@contextmanager
def installed(folder: Path) -> Iterator[None]:
    """Put `folder` first on `sys.path`; take it off again and forget every module that came from it."""
    sys.path.insert(0, str(folder))
    invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for name, module in sys.modules.copy().items():
            origin = getattr(module, "__file__", None)
            if origin and Path(origin).is_relative_to(folder):
                del sys.modules[name]
        invalidate_caches()
