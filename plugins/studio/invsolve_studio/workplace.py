"""`Workplace`: what the page asks for, carried out for one visitor after the other."""

from collections.abc import Iterator
from pathlib import Path
from typing import final

import attrs

from invsolve.errors import RunFailed
from invsolve_studio.desk import Desk, Job
from invsolve_studio.draft import Draft
from invsolve_studio.events import Done, Event, Failed, Result
from invsolve_studio.limits import Limits
from invsolve_studio.offer import Offer
from invsolve_studio.order import Look, Survey
from invsolve_studio.shelf import Shelf, Visitor
from invsolve_studio.situation import SITUATIONS
from invsolve_studio.upload import Upload


@final
@attrs.frozen(eq=False)
class Workplace:
    """What the page asks for.

    Attributes:
        desk: Where jobs are done.
        shelf: What is kept for visitors.
        offer: What is installed.
        limits: Of one job.
    """

    desk: Desk
    shelf: Shelf
    offer: Offer
    limits: Limits

    @classmethod
    def opened(cls, folder: Path, limits: Limits) -> "Workplace":
        """A new one that keeps everything below `folder`; imports what is installed, which takes some seconds.

        Raises:
            RunFailed: Where that cannot be done.
        """
        desk = Desk(limits)
        desk.warm_up()
        last = list(desk.events(Job(Survey())))[-1]
        if not isinstance(last, Done):
            raise RunFailed(f"the studio cannot list what is installed: {getattr(last, 'message', last)}")
        return cls(desk, Shelf(folder, limits.visitors), last.result, limits)

    def take(self, name: str, source: Path, called: str) -> Iterator[Event]:
        """Take a file for a visitor; the web server's copy of it is deleted.

        Args:
            name: Of the visitor.
            source: The file.
            called: By its owner.
        """
        visitor = self.shelf.visitor(name)
        self.cancel(name)
        order = Look(source, called, visitor.new_file_folder(), self.limits)
        try:
            for event in self._done(visitor, Job(order)):
                if isinstance(event, Done):
                    visitor.upload = event.result
                yield event
        finally:
            source.unlink(missing_ok=True)

    def run(self, name: str, draft: Draft, situation: str, preview: bool) -> Iterator[Event]:
        """Do what a visitor drafted.

        Args:
            name: Of the visitor.
            draft: What to do.
            situation: What it began with.
            preview: A small part of it, to look at.
        """
        visitor = self.shelf.visitor(name)
        refusal = self.refusal(visitor.upload, draft, situation)
        if refusal:
            yield Failed(refusal)
            return
        self.cancel(name)
        out = visitor.forget_runs()
        folder = visitor.folder / "file"
        folder.mkdir(exist_ok=True)
        job = Job(draft.order(visitor.upload, folder, out, self.limits, preview))
        for event in self._done(visitor, job):
            if isinstance(event, Done) and isinstance(event.result, Result):
                visitor.result = event.result
            yield event

    def refusal(self, upload: Upload | None, draft: Draft, situation: str) -> str:
        """Why a draft cannot be begun; empty where it can."""
        chosen = SITUATIONS.get(situation)
        if chosen is not None and upload is None:
            return "Drop a picture or a clip first."
        if chosen is not None and upload is not None and upload.kind not in chosen.takes:
            return f"“{chosen.title}” needs a {' or a '.join(chosen.takes)}, and this is a {upload.kind}."
        if draft.command and draft.command not in self.offer.commands:
            return f"No installed plugin offers `invsolve {draft.command}`: pip install invsolve-photographs."
        if not draft.command and len(draft.text) > self.limits.recipe_characters:
            return f"The recipe is longer than {self.limits.recipe_characters:,} characters."
        if not draft.command and not {"operator", "prior", "sampler"} <= set(draft.recipe):
            return "Choose a recipe first, or write one under “The same run”."
        return ""

    def cancel(self, name: str) -> None:
        """Stop what a visitor waits for."""
        job = self.shelf.visitor(name).job
        if job is not None:
            job.cancel()

    def _done(self, visitor: Visitor, job: Job) -> Iterator[Event]:
        visitor.job = job
        yield from self.desk.events(job)
        if visitor.job is job:
            visitor.job = None
