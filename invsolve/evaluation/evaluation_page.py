"""`evaluation_page`: the report of an evaluation as one file of HTML."""

from collections.abc import Collection, Iterator
from typing import Final

import numpy as np

from invsolve.baselines import TrueLatents
from invsolve.errors import InvsolveError
from invsolve.evaluation.contact_sheet import clip_strips
from invsolve.evaluation.evaluation_advice import advice
from invsolve.evaluation.evaluation_charts import charts
from invsolve.evaluation.kept import KeptEvaluation
from invsolve.evaluation.measures import OWN
from invsolve.evaluation.statistics import Interval
from invsolve.evaluation.summary import Summary
from invsolve.plugin import Catalog
from invsolve.recipe import Recipe
from invsolve.record.bibliography import bibliography
from invsolve.record.run_page import fact_lines
from invsolve.report.component_page import component_pages
from invsolve.report.page import page
from invsolve.report.reference import readable
from invsolve.report.sheet import BUDGET
from invsolve.report.shot import Shot
from invsolve.report.stage import Stage, stage
from invsolve.report.tile import Mood, Tile

MOST_ROWS: Final = 1000
SECTIONS: Final[tuple[tuple[str, str], ...]] = (
    ("table", "Table"),
    ("clips", "Best and worst"),
    ("charts", "Curves"),
    ("next", "What next"),
    ("every", "Every clip"),
    ("recipe", "Recipe"),
    ("references", "References"),
    ("provenance", "Provenance"),
)


def evaluation_page(kept: KeptEvaluation, recipe: Recipe | None, summary: Summary, *, interactive: bool = False) -> str:
    """The page of an evaluation: tables that sort, the best, the median and the worst clip, curves, advice, recipe.

    Args:
        kept: its folder.
        recipe: its recipe; None where a plugin of it is missing.
        summary: its numbers.
        interactive: True embeds plotly; see `invsolve.report.page.page`.
    """
    resolved = kept.path / "resolved.yaml"
    text = resolved.read_text(encoding="utf-8") if resolved.is_file() else ""
    facts = kept.facts
    headings, *rows = summary.rows("")
    stages = list(_stages(kept, summary))
    entries = _references(recipe)
    bounds = [] if recipe is None else [of for of, each in recipe.baselines.items() if isinstance(each, TrueLatents)]
    given = {
        "title": f"{kept.label} · evaluation · invsolve",
        "heading": kept.label,
        "lead": f"An evaluation over {len(summary.clips)} clips, beside "
        f"{', '.join(summary.subjects[1:]) or 'no baseline'}.",
        "sections": [each for each in SECTIONS if each[0] != "clips" or stages],
        "footer": "Written by invsolve. This page holds all it shows and loads nothing.",
        "tiles": list(_tiles(summary, bounds)),
        "headings": headings,
        "rows": rows,
        "said": summary.said,
        "stages": stages,
        "charts": charts(summary),
        "advice": advice(summary, str(facts.get("file") or f"{facts['name']}.yaml"), bounds),
        "clip_headings": _clip_headings(summary),
        "clip_rows": list(_clip_rows(summary)),
        "resolved": text,
        "pages": component_pages(text, Catalog.discover() if recipe is None else recipe.catalog),
        "references": [{"readable": readable(entry), "bibtex": entry.strip()} for entry in entries],
        "facts": list(fact_lines(facts)),
    }
    return page("evaluation", given, interactive=interactive)


def _references(recipe: Recipe | None) -> tuple[str, ...]:
    try:
        return () if recipe is None else bibliography(recipe)
    except InvsolveError:
        # a file of a part that is no longer there: the numbers are, and they are what is shown
        return ()


def _tiles(summary: Summary, bounds: Collection[str]) -> Iterator[Tile]:
    yield Tile("Clips", str(len(summary.clips)))
    for name, heading, unit, decimals in (
        ("psnr_mean_of_samples", "PSNR of the mean", "dB", 2),
        ("psnr_best_direction", "PSNR of a sample", "dB", 2),
        ("reblur_chi_square", "χ² per value", "", 2),
        ("calibration_ratio", "Error over spread", "", 2),
        ("seconds", "Time of a clip", "s", 1),
    ):
        found = summary.interval(OWN, name)
        if np.isfinite(found.median):
            yield Tile(heading, f"{found.median:.{decimals}f}", unit, _between(found, decimals))
    gains = {of: summary.gain(of, "psnr_mean_of_samples") for of in summary.subjects[1:] if of not in bounds}
    known = {of: gain for of, gain in gains.items() if np.isfinite(gain.median)}
    if known:
        least = min(known, key=lambda of: known[of].median)
        gain = known[least]
        mood: Mood = "good" if gain.low > 0 else "bad" if gain.high < 0 else ""
        yield Tile("Gain of the mean", f"{gain.median:+.2f}", "dB", f"over {least}; {_between(gain, 2)}", mood)


def _between(found: Interval, decimals: int) -> str:
    if found.low == found.high:
        return "median"
    return f"95 % within {found.low:.{decimals}f} to {found.high:.{decimals}f}"


def _stages(kept: KeptEvaluation, summary: Summary) -> Iterator[tuple[str, Stage]]:
    chosen = {word: name for word, name in summary.chosen().items() if kept.files[name].kept().videos}
    for word, name in chosen.items():
        dataset = kept.files[name].dataset()
        shots = [Shot(strip.label, strip.video, map=strip.map) for strip in clip_strips(dataset)]
        rate = dataset["video"].attrs.get("frame_rate")
        after = next((shot.name for shot in shots if shot.name.startswith("mean")), shots[1].name)
        ratio = summary.clips[name][OWN].get("psnr_best_direction")
        said = f"{word}: clip {name}" + ("" if ratio is None else f", {float(np.mean(ratio)):.2f} dB a sample")
        yield said, stage(shots, (shots[0].name, after), rate, BUDGET // len(chosen))


def _clip_headings(summary: Summary) -> list[str]:
    others = [f"{of}, PSNR [dB]" for of in summary.subjects[1:]]
    return ["clip", *(score.title + score.arrow for score in summary.columns), *others]


def _clip_rows(summary: Summary) -> Iterator[list[str]]:
    for name in summary.ranked()[:MOST_ROWS]:
        own, others = summary.clips[name][OWN], summary.subjects[1:]
        cells = [score.text(float(np.mean(own[score.name]))) if score.name in own else "" for score in summary.columns]
        ratios = [summary.clips[name].get(of, {}).get("psnr_best_direction") for of in others]
        yield [name, *cells, *("" if each is None else f"{float(np.mean(each)):.2f}" for each in ratios)]
