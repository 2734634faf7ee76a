"""The form on the page: one widget for a field, one box for a component."""

from collections.abc import Callable
from functools import partial
from typing import Any

import gradio as gr

from invsolve.recipe.document import parse
from invsolve.recipe.fault import Faulty
from invsolve.recipe.node import Origin, plain
from invsolve_studio import words
from invsolve_studio.draft import Draft
from invsolve_studio.form import SLOTS, Field, Group, groups, plain_fields
from invsolve_studio.offer import Offer

TITLES = {
    "operator": "What the camera did",
    "noise": "Noise",
    "prior": "What pictures look like (prior)",
    "sampler": "How to search (sampler)",
}
FIRST = ("samples", "seed")


def draw_settings(draft: Draft, offer: Offer, state: gr.State, shape: gr.State, yaml: gr.Code) -> None:
    """Draw the form of a draft; what is changed in it changes `state` and `yaml`.

    Args:
        draft: What to draw.
        offer: What is installed.
        state: Holds the draft.
        shape: Counted up where another form has to be drawn.
        yaml: Shows the draft as YAML.
    """
    kept = (state, shape, yaml)
    if draft.command:
        fields = offer.commands.get(draft.command, ())
        current = [_with(field, draft.options.get(field.key, field.value)) for field in fields]
        with gr.Accordion(f"Settings of invsolve {draft.command}", open=True):
            _draw_fields(current, kept)
        return
    if not draft.recipe:
        return
    found = groups(draft.recipe, offer.schema)
    for slot in SLOTS:
        mine = [group for group in found if group.path[0] == slot]
        names = " + ".join(group.name or "?" for group in mine if len(group.path) == 1 or group.path[-1].isdecimal())
        with gr.Accordion(f"{TITLES[slot]}: {names}", open=slot == "operator"):
            for group in mine:
                _draw_group(group, kept)
    rest = plain_fields(draft.recipe, offer.schema)
    with gr.Accordion("Samples and seed", open=False):
        _draw_fields([field for field in rest if field.key in FIRST], kept)
        _draw_fields([field for field in rest if field.key not in FIRST], kept)


def _with(field: Field, value: Any) -> Field:
    return Field(field.path, field.asked, value, field.meaning, field.choices, field.empty)


def _draw_group(group: Group, kept: tuple[Any, ...]) -> None:
    state, shape, yaml = kept
    inner = len(group.path) > 1 and not group.path[-1].isdecimal()
    with gr.Group(elem_classes="component inner" if inner else "component"):
        name = gr.Dropdown(
            choices=[*group.choices],
            value=group.name or None,
            label=words.label(group.path[-1]) if inner else words.label(group.kind),
            info=words.meaning(group.about),
            interactive=True,
            filterable=True,
        )
        _draw_fields(group.fields, kept)
    name.input(partial(_chosen, group), [name, state, shape], [state, shape, yaml], show_progress="hidden")


def _chosen(group: Group, name: str, draft: Draft, shape: int) -> tuple[Draft, int, str]:
    changed = draft.having(group.path, {"use": name}) if name in group.choices else draft
    return changed, shape + 1, changed.text


def _draw_fields(fields: list[Field] | tuple[Field, ...], kept: tuple[Any, ...]) -> None:
    state, _, yaml = kept
    for pair in (fields[number : number + 2] for number in range(0, len(fields), 2)):
        with gr.Row(equal_height=True, elem_classes="fields"):
            for field in pair:
                widget = _data(field) if _in_yaml(field) else _WIDGETS[field.asked](field)
                event = widget.blur if isinstance(widget, gr.Textbox) else widget.input
                event(partial(_set, field), [widget, state], [state, yaml], show_progress="hidden")


def _in_yaml(field: Field) -> bool:
    """Whether it is written by hand: a widget for numbers cannot be empty."""
    return field.asked == "data" or (field.empty and field.asked in ("whole", "number"))


def _set(field: Field, value: Any, draft: Draft) -> tuple[Draft, str]:
    if _in_yaml(field):
        try:
            node = parse(str(value or "null"), Origin(0, field.key))
        except Faulty as found:
            raise gr.Error(str(found.faults[0]), print_exception=False) from None
        value = None if node is None else plain(node)
    elif field.asked == "text" and value == "":
        value = None
    elif field.asked == "whole" and value is not None:
        value = int(value)
    changed = draft.having(field.path, value)
    return changed, changed.text


def _number(field: Field) -> gr.Number:
    return gr.Number(field.value, precision=0 if field.asked == "whole" else None, **_said(field))


def _switch(field: Field) -> gr.Checkbox:
    return gr.Checkbox(bool(field.value), **_said(field))


def _choice(field: Field) -> gr.Dropdown:
    choices = [(str(each), each) for each in field.choices]
    return gr.Dropdown([*([("(default)", None)] if field.empty else []), *choices], value=field.value, **_said(field))


def _text(field: Field) -> gr.Textbox:
    return gr.Textbox("" if field.value is None else str(field.value), max_lines=1, max_length=2000, **_said(field))


def _data(field: Field) -> gr.Textbox:
    shown = "" if field.value is None else str(field.value)
    return gr.Textbox(shown, max_lines=3, max_length=5000, placeholder="(default)", **_said(field))


def _said(field: Field) -> dict[str, Any]:
    return {"label": words.label(field.key), "info": words.meaning(field.meaning), "interactive": True}


_WIDGETS: dict[str, Callable[[Field], Any]] = {
    "whole": _number,
    "number": _number,
    "switch": _switch,
    "choice": _choice,
    "text": _text,
    "data": _data,
}
