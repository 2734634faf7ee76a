"""`invsolve plugins`: what is installed, what it offers, whether it keeps the contract, and a start for a new one."""

from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from invsolve.cli.message import printable
from invsolve.errors import UnknownComponent, did_you_mean
from invsolve.plugin.catalog import Catalog, Entry, plural
from invsolve.plugin.component import API, API_FLOOR

app = App("plugins", help="List, show, check and start plugins.")


@app.command(name="list")
def list_(
    *,
    json: Annotated[bool, Parameter(negative="")] = False,
    broken: Annotated[bool, Parameter(negative="")] = False,
    times: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """List what the installed plugins offer, and the plugins that did not load.

    Args:
        json: Everything, for programs.
        broken: Only the plugins that did not load, with their tracebacks.
        times: How long each manifest took to import.
    """
    catalog = Catalog.discover()
    if json:
        print(_as_json(catalog))
        return
    parts = [*_by_kind(catalog), _times(catalog) if times else "", _notes(catalog)]
    if broken:
        parts = [f"{each.source}: {each.error}\n\n{each.traceback.rstrip()}" for each in catalog.broken]
        parts = parts or ["none is broken"]
    print(printable("\n\n".join(filter(None, parts))))


@app.command
def show(name: str, *, kind: str | None = None) -> None:
    """Describe a component: what it does, its fields, how to write it in Python and in a recipe.

    Args:
        name: The component's name, or distribution:name.
        kind: Only the component of this kind, where several kinds share the name.
    """
    from invsolve.cli.component_page import component_page

    catalog = Catalog.discover()
    kinds = [kind] if kind else catalog.kinds
    found: list[Entry] = []
    for each in kinds:
        try:
            found.append(catalog.find(each, name))
        except UnknownComponent:
            if kind:
                raise
    if not found:
        raise UnknownComponent(_unknown(catalog, name))
    print(printable("\n\n\n".join(component_page(catalog, entry) for entry in found)))


@app.command
def check(distribution: str, *, every_law: Annotated[bool, Parameter(negative="")] = False) -> int:
    """Check that a plugin distribution keeps the contract: its manifest, its constructors, and the laws of each kind.

    Args:
        distribution: The name of an installed distribution, such as invsolve.
        every_law: Every law on a line of its own, not only the broken ones.
    """
    from invsolve.cli.check_table import check_table

    text, failures = check_table(Catalog.discover(), distribution, every_law=every_law)
    print(printable(text))
    return 1 if failures else 0


@app.command
def new(name: str, *, kind: str = "operator", dir: Path = Path()) -> None:
    """Write a complete plugin package, invsolve-NAME, that installs and passes its own tests.

    Args:
        name: What to call it: lower-case words joined by dashes.
        kind: What it begins with: operator, prior, sampler, kernel, guidance, metric or reader.
        dir: The folder to write the package into.
    """
    from invsolve.plugin.scaffold import scaffold

    folder = scaffold(name, dir, kind)
    print(
        f"wrote {folder}\n\n"
        f"  cd {folder}\n"
        "  python -m pip install -e '.[test]'\n"
        "  python -m pytest\n"
        f"  invsolve plugins check {folder.name}"
    )


def _by_kind(catalog: Catalog) -> list[str]:
    sections = []
    for kind in catalog.kinds:
        entries = catalog.of_kind(kind)
        if entries:
            rows = [(catalog.recipe_name(e), e.component.summary, f"[{e.distribution}]") for e in entries]
            sections.append(f"{plural(kind)}\n" + _aligned(rows))
    return sections or ["no plugin offers anything"]


def _times(catalog: Catalog) -> str:
    rows = [(str(plugin.source), f"{1e3 * plugin.seconds:.1f} ms", "") for plugin in catalog.plugins]
    rows += [(str(failed.source), f"{1e3 * failed.seconds:.1f} ms", "(did not load)") for failed in catalog.broken]
    return "import times\n" + _aligned(rows)


def _notes(catalog: Catalog) -> str:
    lines = [f"did not load: {failed.source}: {failed.error}" for failed in catalog.broken]
    if catalog.broken:
        lines.append("`invsolve plugins list --broken` shows where.")
    if catalog.left_out:
        lines.append(f"kept out by INVSOLVE_PLUGINS: {', '.join(str(source) for source in catalog.left_out)}")
    return "\n".join(lines)


def _aligned(rows: list[tuple[str, str, str]]) -> str:
    first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
    return "\n".join(f"  {a:{first}}  {b:{second}}  {c}".rstrip() for a, b, c in rows)


def _as_json(catalog: Catalog) -> str:
    import json

    import attrs

    def source(plugin: Any) -> dict[str, Any]:
        return {**attrs.asdict(plugin.source), "milliseconds": round(1e3 * plugin.seconds, 3)}

    listing = {
        "api": {"floor": API_FLOOR, "current": API},
        "plugins": [{**source(p), "components": [attrs.asdict(c) for c in p.components]} for p in catalog.plugins],
        "broken": [{**source(f), "error": f.error, "traceback": f.traceback} for f in catalog.broken],
        "left_out": [attrs.asdict(s) for s in catalog.left_out],
    }
    return json.dumps(listing, indent=2)


def _unknown(catalog: Catalog, name: str) -> str:
    known = sorted({catalog.recipe_name(entry) for entry in catalog.entries})
    lines = [f"no installed plugin offers anything called {name!r}.{did_you_mean(name.rpartition(':')[2], known)}"]
    lines.append("  `invsolve plugins list` shows what there is.")
    lines += [f"  note: plugin {failed.source} did not load: {failed.error}" for failed in catalog.broken]
    return "\n".join(lines)
