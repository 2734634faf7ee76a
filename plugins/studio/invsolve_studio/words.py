"""What the page says, in HTML; everything that came from elsewhere is escaped."""

import html
import re
from collections.abc import Sequence
from typing import Final

from invsolve_studio.events import Cancelled, Done, Event, Failed, Moved, Said, Waiting
from invsolve_studio.upload import Upload

TITLE: Final = (
    '<div class="masthead"><span class="name">invsolve studio</span><span class="claim">What a camera could not record,'
    " with its uncertainty. Everything stays on this machine.</span></div>"
)
NOTHING: Final = '<div class="note">Nothing was restored yet.</div>'
EMPTY: Final = (
    '<div class="empty"><div class="big">Drop a picture or a clip on the left.</div><div>Say what happened to it, look'
    " at a preview of the middle, then restore all of it.</div></div>"
)


def step(number: int, text: str) -> str:
    """A heading on the left."""
    return f'<div class="step"><span>{number}</span>{_escaped(text)}</div>'


def status(event: Event, preview: bool) -> str:
    """How far a job is."""
    what = "Preview" if preview else "Restoring"
    match event:
        case Waiting(ahead=ahead):
            return _line(f"Waiting: {ahead} {'job is' if ahead == 1 else 'jobs are'} before yours.", 0.0)
        case Said(line=line):
            return _line(f"{what}: {line}", None)
        case Moved(step=step, steps=steps):
            left = event.seconds_left
            time = f", {_seconds(left)} left" if step and step < steps else ""
            return _line(f"{what}: step {step} of {steps}{time}", step / max(1, steps))
        case Failed(message=message):
            return f'<div class="status failed" role="alert">{_escaped(message)}</div>'
        case Cancelled():
            return '<div class="status">Cancelled. Nothing is kept of it.</div>'
        case Done():
            said = "This is the preview. Restore makes all of it." if preview else "Done: the run can be downloaded."
            return f'<div class="status done">{said}</div>'


def refused(message: str) -> str:
    """Why nothing was begun."""
    return f'<div class="status failed" role="alert">{_escaped(message)}</div>'


def about_upload(upload: Upload) -> str:
    """What the visitor's file is taken for."""
    frames = "" if upload.kind == "picture" else f", {upload.frames or 'some'} frames"
    size = f"{upload.width} x {upload.height} pixels{frames}"
    return f'<div class="note"><b>{_escaped(upload.path.name)}</b> is a {upload.kind} of {size}.</div>'


def note(text: str) -> str:
    """A sentence in small print."""
    return f'<div class="note">{_escaped(text)}</div>'


def remarks(lines: Sequence[str]) -> str:
    """What the run says of itself."""
    return f'<div class="remarks">{"".join(f"<p>{_escaped(line)}</p>" for line in lines)}</div>' if lines else ""


def table(rows: Sequence[Sequence[str]]) -> str:
    """Headings, then rows of numbers."""
    if not rows:
        return '<div class="note">A preview is not measured: restore all of it for numbers and maps.</div>'
    head = "".join(f"<th>{_escaped(cell)}</th>" for cell in rows[0])
    body = "".join(f"<tr>{''.join(f'<td>{_escaped(cell)}</td>' for cell in row)}</tr>" for row in rows[1:])
    return f'<table class="numbers"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def meaning(text: str) -> str:
    """What a docstring says of a field, as plain text."""
    plain = re.sub(r"`+([^`]*)`+", r"\1", text).strip()
    return f"{plain[:1].upper()}{plain[1:]}"


def label(key: str) -> str:
    """The name of a field in the words of a form."""
    words = key.replace("_", " ")
    return f"{words[:1].upper()}{words[1:]}"


def _line(text: str, share: float | None) -> str:
    running = " running" if share is None else ""
    width = 100.0 if share is None else 100 * share
    bar = f'<div class="bar{running}"><div style="width:{width:.1f}%"></div></div>'
    return f'<div class="status">{_escaped(text)}{bar}</div>'


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def _escaped(text: str) -> str:
    return html.escape(text).replace("\n", "<br>")
