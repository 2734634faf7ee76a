"""`invsolve show`: report on a run."""

from pathlib import Path
from typing import Any

from invsolve.cli.message import printable
from invsolve.errors import ReadError


def show(run: Path) -> None:
    """Report on a run: how it ended, its numbers, and where its pictures are.

    Parameters
    ----------
    run
        The folder of a run, or one that holds runs, of which the newest is shown.
    """
    from invsolve.calibration.report import report_text
    from invsolve.record.run_folder import RunFolder
    from invsolve.record.summary import summary_text

    folder = RunFolder.open(run)
    facts = _read(folder.path / "provenance.json")
    metrics = folder.path / "metrics.json"
    table = summary_text(_read(metrics)) if metrics.is_file() else ""
    calibration = folder.path / "calibration.json"
    if calibration.is_file():
        table = report_text(_read(calibration))
    lines = [str(folder.path), *_facts(facts, folder.state), *(["", table] if table else []), ""]
    pictures = [*sorted(folder.path.glob("*.png")), *sorted(folder.path.glob("*.mp4")), *folder.path.glob("*.nc")]
    lines += [f"  {path}" for path in pictures]
    lines += [f"  {path}/ ({len(list(path.glob('*.png')))} frames)" for path in sorted(folder.path.glob("frames*/*"))]
    print(printable("\n".join(lines).rstrip()))


def _facts(facts: dict[str, Any], state: str) -> list[str]:
    recipe = facts.get("recipe", {})
    known = {
        "recipe": f"{recipe.get('name', '?')} {recipe.get('label', '')}".rstrip() + f" ({recipe.get('hash8', '?')})",
        "state": state if state == "finished" else f"{state}: {facts.get('message', '')}",
        "outcome": facts.get("outcome"),
        "started": facts.get("started"),
        "took": _duration(facts.get("session_seconds")),
        "peak memory": _size(facts.get("peak_memory_bytes")),
        "device": facts.get("device"),
        "input": facts.get("input", {}).get("name"),
        "seed": facts.get("seed"),
        "samples": facts.get("samples"),
    }
    return [f"  {name:<12}{value}" for name, value in known.items() if value is not None]


def _read(path: Path) -> dict[str, Any]:
    import json

    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ReadError(f"{path} cannot be read: {error}.") from error
    if not isinstance(data, dict):
        raise ReadError(f"{path} is not the record of a run.")
    return data


def _duration(seconds: Any) -> str | None:
    return f"{seconds:.1f} s" if isinstance(seconds, int | float) else None


def _size(count: Any) -> str | None:
    return f"{count / 2**20:,.0f} MiB" if isinstance(count, int) else None
