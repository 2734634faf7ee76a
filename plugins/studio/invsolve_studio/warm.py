"""Imported once, by the process that jobs are forked from: what nearly every job needs."""

from importlib import import_module
from typing import Final

from invsolve.errors import InvsolveError
from invsolve.plugin import Catalog
from invsolve_studio.form import NAMING, SLOTS
from invsolve_studio.situation import SITUATIONS

MODULES: Final = (
    "h5netcdf",
    "matplotlib.backends.backend_agg",
    "scipy.ndimage",
    "invsolve.figures.comparison",
    "invsolve.figures.side_by_side",
    "invsolve.media.formats.pillow_picture",
    "invsolve.media.image",
    "invsolve.media.video",
    "invsolve_studio.child",
)


def warm_up() -> None:
    """Import `MODULES`, and the components that the situations begin with."""
    for module in MODULES:
        import_module(module)
    catalog = Catalog.discover()
    for situation in SITUATIONS.values():
        stated = [(slot, situation.recipe.get(slot, {})) for slot in SLOTS]
        parts = [(slot, part) for slot, one in stated for part in (one if isinstance(one, list) else [one])]
        named = [(slot, part[key]) for slot, part in parts for key in NAMING if key in part]
        for kind, name in [*named, *([("command", situation.command)] if situation.command else [])]:
            try:
                catalog.load(kind, name)
            except InvsolveError:  # it is not installed, as whoever asks for it is told
                continue


warm_up()
