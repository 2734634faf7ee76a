"""`Page`: what happens when a visitor drops a file, chooses, and presses a button."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, final

import attrs
import gradio as gr

from invsolve.recipe.document import parse
from invsolve.recipe.fault import Faulty
from invsolve.recipe.node import Origin, plain
from invsolve_studio import words
from invsolve_studio.draft import Draft
from invsolve_studio.events import Cancelled, Done, Failed, Said
from invsolve_studio.settings import draw_settings
from invsolve_studio.view import ABOUT, NO_PYTHON, RECIPE, Asking, Showing, Updates
from invsolve_studio.workplace import Workplace

CSS: Final = Path(__file__).with_name("page.css")
FIRST: Final = "motion"


def theme() -> gr.themes.Base:
    """Fonts of the visitor's own system: none is fetched from elsewhere."""
    return gr.themes.Soft(
        primary_hue="indigo",
        neutral_hue="slate",
        font=["system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"],
        font_mono=["ui-monospace", "Menlo", "Consolas", "monospace"],
    ).set(
        block_title_background_fill="transparent",
        block_title_text_color="*body_text_color",
        block_title_padding="0",
        block_title_text_weight="600",
    )


def page(place: Workplace) -> gr.Blocks:
    """The page of a studio."""
    with gr.Blocks(title="invsolve studio", analytics_enabled=False, fill_width=True) as blocks:
        begun = Draft.begun(FIRST, None, place.offer)
        draft, shape = gr.State(begun), gr.State(0)
        gr.HTML(words.TITLE, padding=False)
        with gr.Row():
            with gr.Column(scale=4, min_width=400):
                asking = Asking.drawn(sorted(place.offer.recipes))
            with gr.Column(scale=7, min_width=480), gr.Tabs():
                showing = Showing.drawn()
        with asking.settings:

            def form(current: Draft) -> None:
                draw_settings(current, place.offer, draft, shape, showing.yaml)

            gr.render(inputs=[draft], triggers=[blocks.load, shape.change])(form)

        Page(place, draft, shape, asking, showing).wired(blocks)
    return blocks


@final
@attrs.frozen(eq=False)
class Page:
    """What happens on the page.

    Attributes:
        place: Where it is done.
        draft: Holds what the visitor is about to ask for.
        shape: Counted up where another form has to be drawn.
        asking: The left side.
        showing: The right side.
    """

    place: Workplace
    draft: gr.State
    shape: gr.State
    asking: Asking
    showing: Showing

    def wired(self, blocks: gr.Blocks) -> None:
        """Bind what happens to the widgets."""
        asking, showing = self.asking, self.showing
        heavy = {
            "concurrency_limit": self.place.limits.waiting + 2,
            "concurrency_id": "work",
            "show_progress": "hidden",
            "api_visibility": "private",
        }
        light = {"show_progress": "hidden", "api_visibility": "private"}
        chosen = [asking.situation, asking.named, asking.sharp, self.shape]
        begun = [self.draft, showing.yaml, self.shape]
        told = [asking.file, asking.about, asking.status]
        shown = [widget for widget in showing.outputs if widget is not showing.yaml]
        asking.file.upload(self.take, [asking.file, *chosen], [*told, *begun, *shown], **heavy)
        asking.file.clear(self.lose, None, [*told[1:], *shown], **light)
        gr.on(
            [asking.situation.input, asking.named.input, asking.sharp.input],
            self.choose,
            chosen,
            [*begun, asking.explained, asking.named, asking.sharp],
            **light,
        )
        showing.use.click(
            self.use, [showing.yaml, self.shape], [*begun, asking.situation, asking.explained, asking.sharp], **light
        )
        outputs = [asking.status, asking.preview, asking.restore, asking.cancel, *showing.outputs]
        asking.preview.click(self.preview, [self.draft, asking.situation], outputs, **heavy)
        asking.restore.click(self.restore, [self.draft, asking.situation], outputs, **heavy)
        asking.cancel.click(self.cancel, None, None, queue=False, **light)
        blocks.unload(self.leave)

    def take(
        self, path: str | None, situation: str, named: str | None, sharp: bool, shape: int, who: gr.Request
    ) -> Iterator[Updates]:
        """A file was dropped."""
        if path is None:
            return
        for event in self.place.take(name_of(who), Path(path), Path(path).name):
            if isinstance(event, Failed):
                refused = words.refused(event.message)
                yield {self.asking.file: None, self.asking.about: refused, **self.showing.file(None)}
            elif isinstance(event, Done):
                begun = Draft.begun(situation, event.result, self.place.offer, named=named or "", sharp=sharp)
                yield {
                    self.asking.about: words.about_upload(event.result),
                    self.asking.status: "",
                    **self._drafted(begun, shape),
                    **self.showing.file(event.result),
                }
            else:
                yield {self.asking.about: words.note("Looking at it ...")}

    def lose(self, who: gr.Request) -> Updates:
        """The file was taken away."""
        self.place.shelf.forget(name_of(who))
        return {self.asking.about: words.note(""), self.asking.status: "", **self.showing.file(None)}

    def choose(self, situation: str, named: str | None, sharp: bool, shape: int, who: gr.Request) -> Updates:
        """What happened to it was said."""
        upload = self.place.shelf.visitor(name_of(who)).upload
        begun = Draft.begun(situation, upload, self.place.offer, named=named or "", sharp=sharp)
        return {
            **self._drafted(begun, shape),
            self.asking.explained: words.note(ABOUT.get(situation, "")),
            self.asking.named: gr.Dropdown(visible=situation == RECIPE),
            self.asking.sharp: gr.Checkbox(visible=not begun.command),
        }

    def use(self, text: str, shape: int) -> Updates:
        """A recipe was written by hand."""
        try:
            if len(text) > self.place.limits.recipe_characters:
                raise gr.Error(f"A recipe has at most {self.place.limits.recipe_characters:,} characters here.")
            node = parse(text, Origin(0, "recipe"))
        except Faulty as found:
            raise gr.Error(str(found.faults[0]), print_exception=False) from None
        data = None if node is None else plain(node)
        if not isinstance(data, dict):
            raise gr.Error("A recipe is a mapping that begins with `recipe: 1`.", print_exception=False)
        return {
            **self._drafted(Draft(data), shape),
            self.asking.situation: RECIPE,
            self.asking.explained: words.note(ABOUT[RECIPE]),
            self.asking.sharp: gr.Checkbox(visible=False),
        }

    def preview(self, draft: Draft, situation: str, who: gr.Request) -> Iterator[Updates]:
        """A preview is wanted."""
        yield from self._run(draft, situation, who, True)

    def restore(self, draft: Draft, situation: str, who: gr.Request) -> Iterator[Updates]:
        """All of it is wanted."""
        yield from self._run(draft, situation, who, False)

    def cancel(self, who: gr.Request) -> None:
        """Nothing is wanted any more."""
        self.place.cancel(name_of(who))

    def leave(self, who: gr.Request) -> None:
        """The page was closed."""
        self.place.shelf.forget(name_of(who))

    def _run(self, draft: Draft, situation: str, who: gr.Request, preview: bool) -> Iterator[Updates]:
        yield {self.asking.status: words.status(Said("beginning"), preview), **self.asking.working(True)}
        for event in self.place.run(name_of(who), draft, situation, preview):
            updates: Updates = {self.asking.status: words.status(event, preview)}
            if isinstance(event, Done):
                updates |= self.showing.result(event.result)
                if draft.command:
                    # it makes its recipe of what it sees in the file; that of its preview is another one
                    whole = event.result.folder is not None
                    updates |= {self.showing.yaml: event.result.recipe if whole else draft.text}
                    updates |= {} if whole else {self.showing.python: NO_PYTHON}
            if isinstance(event, Done | Failed | Cancelled):
                updates |= self.asking.working(False)
            yield updates

    def _drafted(self, draft: Draft, shape: int) -> Updates:
        return {self.draft: draft, self.showing.yaml: draft.text, self.shape: shape + 1}


def name_of(who: gr.Request) -> str:
    """A visitor's name: one for each page that is open. It names nothing but an entry of the shelf."""
    return who.session_hash or ""
