"""`View`: the widgets of the page, and what they show of a result."""

from pathlib import Path
from typing import Any, Final, final

import attrs
import gradio as gr

from invsolve_studio import words
from invsolve_studio.events import Result
from invsolve_studio.signature import KNOWN
from invsolve_studio.situation import SITUATIONS
from invsolve_studio.upload import Upload

RECIPE: Final = "recipe"
ABOUT: Final = {
    **{key: each.about for key, each in SITUATIONS.items()},
    RECIPE: "Any recipe that is installed, or one that you write under “The same run”.",
}
CHOICES: Final = [*((each.title, key) for key, each in SITUATIONS.items()), ("A recipe", RECIPE)]
SUFFIXES: Final = [*dict.fromkeys(each.suffix for each in KNOWN), ".jpeg", ".tiff", ".webm", ".m4v"]
FORMATS: Final = "PNG, JPEG, TIFF, WebP, AVIF, BMP and GIF; MP4, MOV, MKV, WebM and AVI."
NO_PYTHON: Final = "# after a preview, or the run itself\n"
Updates = dict[Any, Any]


@final
@attrs.frozen(eq=False)
class Asking:
    """The left side: a file, what happened to it, what to do.

    Attributes:
        file: Where it is dropped.
        about: What it is taken for.
        situation: What happened to it.
        explained: The same in a sentence.
        named: Which installed recipe.
        sharp: Whether to degrade the file first.
        preview: Begins a preview.
        restore: Begins the run.
        cancel: Ends either.
        status: How far it is.
        settings: Where the form is drawn.
    """

    file: gr.File
    about: gr.HTML
    situation: gr.Radio
    explained: gr.HTML
    named: gr.Dropdown
    sharp: gr.Checkbox
    preview: gr.Button
    restore: gr.Button
    cancel: gr.Button
    status: gr.HTML
    settings: gr.Column

    @classmethod
    def drawn(cls, recipes: list[str]) -> "Asking":
        """Draw it where the page is being drawn."""
        gr.HTML(words.step(1, "Your picture or clip"), padding=False)
        file = gr.File(file_types=SUFFIXES, show_label=False, height=132, elem_id="file")
        about = gr.HTML(words.note(FORMATS), elem_id="about", padding=False)
        gr.HTML(words.step(2, "What happened to it?"), padding=False)
        situation = gr.Radio(CHOICES, value="motion", show_label=False, elem_id="situation")
        explained = gr.HTML(words.note(ABOUT["motion"]), elem_id="explained", padding=False)
        named = gr.Dropdown(recipes, value=None, label="Installed recipe", visible=False, elem_id="named")
        sharp = gr.Checkbox(
            False,
            label="My file is sharp: degrade it first",
            info="A test with a known truth, against which the result is measured.",
            visible=False,
            elem_id="sharp",
        )
        gr.HTML(words.step(3, "Restore it"), padding=False)
        with gr.Row(elem_classes="buttons"):
            preview = gr.Button("Preview", min_width=90, elem_id="preview")
            restore = gr.Button("Restore", min_width=90, variant="primary", elem_id="restore")
            cancel = gr.Button("Cancel", min_width=90, variant="stop", interactive=False, elem_id="cancel")
        status = gr.HTML("", elem_id="status", padding=False)
        settings = gr.Column(elem_id="settings")
        return cls(file, about, situation, explained, named, sharp, preview, restore, cancel, status, settings)

    def working(self, working: bool) -> Updates:
        """Buttons while a job is on its way, and while none is."""
        return {
            self.preview: gr.Button(interactive=not working),
            self.restore: gr.Button(interactive=not working),
            self.cancel: gr.Button(interactive=working),
        }


@final
@attrs.frozen(eq=False)
class Showing:
    """The right side: what came of it.

    Attributes:
        empty: Before there is anything.
        seen: The file.
        slider: Before and after.
        observed: The clip as it was.
        restored: The clip as it is now.
        remarks: What the run says of itself.
        download: All of the run.
        numbers: Its metrics.
        beside: Both clips in one.
        maps: Its other pictures.
        yaml: The same run as a recipe.
        use: Takes what was changed in it.
        python: The same run as a script.
    """

    empty: gr.HTML
    seen: gr.Image
    slider: gr.ImageSlider
    observed: gr.Video
    restored: gr.Video
    remarks: gr.HTML
    download: gr.DownloadButton
    numbers: gr.HTML
    beside: gr.Video
    maps: gr.Gallery
    yaml: gr.Code
    use: gr.Button
    python: gr.Code

    @classmethod
    def drawn(cls) -> "Showing":
        """Draw it where the page is being drawn."""
        with gr.Tab("Before and after"):
            empty = gr.HTML(words.EMPTY, elem_id="empty", padding=False)
            seen = gr.Image(visible=False, show_label=False, type="filepath", buttons=[], height=560, elem_id="seen")
            slider = gr.ImageSlider(
                visible=False, type="filepath", label="Before | after", height=560, max_height=560, elem_id="slider"
            )
            with gr.Row():
                observed = gr.Video(visible=False, label="Observed", loop=True, height=300, elem_id="observed")
                restored = gr.Video(visible=False, label="Restored", loop=True, height=300, elem_id="restored")
            remarks = gr.HTML("", elem_id="remarks", padding=False)
            download = gr.DownloadButton("Download the run, with its report (zip)", visible=False, elem_id="download")
        with gr.Tab("Numbers and maps"):
            numbers = gr.HTML(words.NOTHING, elem_id="numbers", padding=False)
            beside = gr.Video(visible=False, loop=True, show_label=False)
            maps = gr.Gallery(
                visible=False, show_label=False, columns=2, object_fit="contain", height="auto", elem_id="maps"
            )
        with gr.Tab("The same run"):
            yaml = gr.Code(language="yaml", label="As a recipe, for `invsolve run`", lines=14, elem_id="yaml")
            use = gr.Button("Use the recipe as it stands here", size="sm", elem_id="use")
            python = gr.Code(NO_PYTHON, language="python", label="In Python", elem_id="python")
        return cls(empty, seen, slider, observed, restored, remarks, download, numbers, beside, maps, yaml, use, python)

    @property
    def outputs(self) -> list[Any]:
        """All but the button."""
        return [widget for widget in attrs.astuple(self, recurse=False) if widget is not self.use]

    def file(self, upload: Upload | None) -> Updates:
        """A file that nothing was done to yet, or none."""
        thumbnail = None if upload is None else _text(upload.thumbnail)
        return {
            self.empty: gr.HTML(visible=thumbnail is None),
            self.seen: gr.Image(thumbnail, visible=thumbnail is not None),
            self.slider: gr.ImageSlider(None, visible=False),
            self.observed: _video(None),
            self.restored: _video(None),
            self.remarks: "",
            self.download: gr.DownloadButton(visible=False),
            self.numbers: words.NOTHING,
            self.beside: _video(None),
            self.maps: gr.Gallery(None, visible=False),
            self.python: NO_PYTHON,
        }

    def result(self, result: Result) -> Updates:
        """What came of a preview or of a run."""
        return {
            self.empty: gr.HTML(visible=False),
            self.seen: gr.Image(None, visible=False),
            self.slider: gr.ImageSlider((str(result.before), str(result.after)), visible=True),
            self.observed: _video(result.observed),
            self.restored: _video(result.restored),
            self.remarks: words.remarks(result.remarks),
            self.download: gr.DownloadButton(value=_text(result.archive), visible=result.archive is not None),
            self.numbers: words.table(result.table),
            self.beside: _video(result.side_by_side),
            self.maps: gr.Gallery([(str(each), each.stem) for each in result.maps], visible=bool(result.maps)),
            self.python: result.python,
        }


def _video(path: Path | None) -> gr.Video:
    return gr.Video(_text(path), visible=path is not None)


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
