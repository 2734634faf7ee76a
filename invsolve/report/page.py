"""`page`: a template of this package filled in, as one file of HTML that loads nothing."""

import base64
import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from invsolve.errors import CapabilityError

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

TEMPLATES: Final = Path(__file__).parent / "templates"
SCRIPTS: Final = ("viewer.js", "page.js")


def page(template: str, content: Mapping[str, Any], *, interactive: bool = False) -> str:
    """Fill in ``templates/<template>.html``; every value is escaped.

    The page's own policy lets a browser run the scripts of this package and no other, and load nothing from anywhere.

    Args:
        template: which one.
        content: what stands in its places.
        interactive: True embeds plotly (4.5 MB), with which charts can be zoomed and read off.

    Raises:
        CapabilityError: where `interactive` and plotly is not installed.
    """
    scripts = [*([_plotly()] if interactive else []), *(_text(name) for name in SCRIPTS)]
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    environment = _environment()
    return environment.get_template(f"{template}.html").render(
        **content,
        style=_own(_text("style.css")),
        scripts=[_own(script) for script in scripts],
        allowed=_own(" ".join(f"'sha256-{each}'" for each in hashes)),
    )


def interactive_installed() -> bool:
    """True if plotly is there."""
    from importlib.util import find_spec

    return find_spec("plotly") is not None


def _plotly() -> str:
    try:
        from plotly.offline import get_plotlyjs
    except ImportError as error:
        raise CapabilityError("interactive charts need plotly: pip install 'invsolve[plots]'.") from error
    script: str = get_plotlyjs()
    # would end the script element that it stands in
    return script.replace("</script", "<\\/script")


def _text(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _own(text: str) -> "Markup":
    """Text of this package, which is no one else's to escape."""
    from markupsafe import Markup

    return Markup(text)


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from invsolve.report.svg_chart import drawing

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["drawn"] = drawing
    environment.filters["json"] = lambda value: json.dumps(value, allow_nan=False, ensure_ascii=False)
    return environment
