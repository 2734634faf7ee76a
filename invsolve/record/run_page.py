"""`run_page`: the report of a run as one file of HTML."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from invsolve.plugin import Catalog
from invsolve.posterior.residual import HIGH, LOW
from invsolve.record.summary import sentences, summary_rows
from invsolve.report.advice import advice
from invsolve.report.component_page import component_pages
from invsolve.report.content import RunContent
from invsolve.report.page import page
from invsolve.report.reference import readable
from invsolve.report.run_charts import charts
from invsolve.report.sheet import BUDGET, sheets
from invsolve.report.stage import Stage, stage
from invsolve.report.tile import Tile
from invsolve.report.views import MEAN, OBSERVED, TRUTH, Views, views

REPORT: Final = "report.html"
MOST_OBSERVATIONS: Final = 4
SLICES: Final = 0.05  # of a page's bytes
SECTIONS: Final[tuple[tuple[str, str], ...]] = (
    ("pictures", "Pictures"),
    ("motion", "Motion"),
    ("numbers", "Numbers"),
    ("next", "What next"),
    ("recipe", "Recipe"),
    ("references", "References"),
    ("provenance", "Provenance"),
)


def run_page(content: RunContent, catalog: Catalog, *, interactive: bool = False) -> str:
    """The page of `content`: pictures, motion, numbers, advice, recipe, references, provenance.

    Of a run of many observations the first four are shown; of other than 3 channels the first, in grey.

    Args:
        catalog: where the pages of the recipe's parts are looked up.
        interactive: True embeds plotly; see `invsolve.report.page.page`.
    """
    count = min(MOST_OBSERVATIONS, content.video.shape[1])
    seen = [views(content, row) for row in range(count)]
    headings, rows = summary_rows(content.values, catalog)
    forward = seen[0].forward if len(seen) == 1 else ()
    motion = [_motion(content, each) for each in seen]
    recipe = content.facts.get("recipe", {})
    given = {
        "title": f"{content.name} · invsolve",
        "heading": content.name,
        "lead": _lead(content),
        "sections": [each for each in SECTIONS if each[0] != "motion" or any(map(bool, motion))],
        "footer": f"Written by invsolve {content.facts.get('invsolve', '')}. This page holds all it shows and loads "
        "nothing.",
        "tiles": list(_tiles(content)),
        "remarks": content.remarks,
        "views": [_stage(content, each, BUDGET // count) for each in seen],
        "motion": [each for each in motion if each],
        "headings": headings,
        "rows": rows,
        "sentences": sentences(content.values, catalog),
        "charts": charts(content),
        "advice": advice(
            content.values,
            content.chi_square.flatten().tolist(),
            len(content.samples),
            forward,
            str(recipe.get("file") or f"{recipe.get('name', 'recipe')}.yaml"),
        ),
        "written": content.written,
        "resolved": content.resolved,
        "pages": component_pages(content.resolved, catalog),
        "references": [{"readable": readable(entry), "bibtex": entry.strip()} for entry in content.references],
        "facts": list(fact_lines(content.facts)),
        "log": content.log,
    }
    return page("run", given, interactive=interactive)


def _lead(content: RunContent) -> str:
    space = content.space
    what = f"{space.frames} frames" if space.frames > 1 else "a picture"
    count = len(content.samples)
    drawn = f"{count} samples" if count > 1 else "One sample"
    name = content.facts.get("input", {}).get("name", "the input")
    return f"{drawn} of {what} of {space.width} × {space.height} pixels, given {name}."


def _tiles(content: RunContent) -> Iterator[Tile]:
    values = content.values
    mean = values.get("psnr_mean_of_samples", values.get("psnr_mean"))
    observed = values.get("psnr_observed")
    if isinstance(mean, float):
        of = f"of the mean of {len(content.samples)}" if len(content.samples) > 1 else "of the sample"
        if isinstance(observed, float):
            note = f"{of}; the observation has {observed:.2f} dB"
            yield Tile("PSNR", f"{mean:.2f}", "dB", note, "good" if mean > observed else "bad")
        else:
            yield Tile("PSNR", f"{mean:.2f}", "dB", of)
    squares = content.chi_square.flatten().tolist()
    if squares:
        typical = statistics.median(squares)
        well = LOW <= typical <= HIGH
        said = "explains the observation" if well else "misses it" if typical > HIGH else "fits its noise, too"
        yield Tile("χ² per value", f"{typical:.2f}", "", f"{said}; 1 is due", "good" if well else "bad")
    found, nominal = values.get("coverage"), values.get("coverage_nominal")
    if isinstance(found, float) and isinstance(nominal, float):
        yield Tile("Coverage", f"{found:.0%}", "", f"of the truth in {nominal:.0%} intervals")
    yield Tile("Samples", str(len(content.samples)), "", f"seed {content.facts.get('seed', 0)}")
    seconds = content.facts.get("session_seconds")
    if isinstance(seconds, int | float):
        yield Tile("Time", f"{seconds:.3g}", "s", f"on {content.facts.get('device', 'cpu')}")
    memory = content.facts.get("peak_memory_bytes")
    if isinstance(memory, int):
        yield Tile("Memory", f"{memory / 2**20:,.0f}", "MiB", "at most")


def _stage(content: RunContent, seen: Views, budget: int) -> Stage:
    names = [shot.name for shot in seen.shots if shot.name not in (OBSERVED, TRUTH) and not shot.map]
    # the mean of samples that run both ways shows neither
    after = MEAN if MEAN in names and not seen.forward else next(name for name in names if name != MEAN)
    return stage(seen.shots, (OBSERVED, after), content.space.frame_rate, budget)


def _motion(content: RunContent, seen: Views) -> dict[str, Any]:
    """What the motion looks like and what is not known of it; empty for stills of one mode."""
    said = []
    if seen.forward:
        ways, count = sum(seen.forward), len(seen.forward)
        said.append(
            "The observation does not tell the direction of time: the operator gives every sample and its reverse the "
            "same observation, so that both are answers."
            + (f" {ways} of {count} samples run one way, {count - ways} the other." if count > 1 else "")
        )
    elif content.space.frames > 1:
        said.append("The observation tells the direction of time: reversed, the samples would have looked different.")
    if seen.modes:
        parts = ", ".join(f"{weight:.0%} around {name}" for weight, name in seen.modes)
        said.append(f"The samples fall into {len(seen.modes)} modes, different explanations: {parts}.")
    if not said:
        return {}
    return {"sentences": said, "slices": sheets(seen.slices, int(BUDGET * SLICES)), "row": seen.row}


def fact_lines(facts: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """The leaves of the provenance, in its order."""
    for key, value in facts.items():
        name = f"{prefix}{key.replace('_', ' ')}"
        if isinstance(value, Mapping):
            yield from fact_lines(value, f"{name}: ")
        elif isinstance(value, Sequence) and not isinstance(value, str):
            if value:
                yield name, " ".join(map(str, value))
        elif value is not None and value != "":
            yield name, f"{value:,}" if isinstance(value, int) and abs(value) >= 10**6 else str(value)
