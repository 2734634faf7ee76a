"""The published models that azula's cards name."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

from invsolve.errors import ComponentError, did_you_mean
from invsolve_azula.families.family import Config, Family
from invsolve_azula.families.known import family_named
from invsolve_azula.requirement import azula_module

PLUGINS: Final = {"adm": "adm", "edm": "edm", "edm2": "eldm", "jit": "jit"}
RIGHT: Final[dict[str, dict[str, Any]]] = {"adm/imagenet_512x512_cond": {"image_size": 512}}
"""Where azula's cards err: attention is at 32, 16 and 8 pixels of 512 (guided-diffusion's README), not of 256."""


def listed() -> Iterator[tuple[str, str]]:
    """Names and addresses."""
    for family, plugin in PLUGINS.items():
        for name, card in _cards(plugin).items():
            yield f"{family}/{name}", str(card["url"])


def model_named(name: str) -> tuple[Family, Config]:
    """Family and config of a published model; raises `ComponentError` for a name that there is not."""
    family, _, short = name.partition("/")
    known = [each for each, _ in listed() if each.partition("/")[0] not in ("edm", "edm2")]
    if name not in known:
        raise ComponentError(f"there is no model {name!r}.{did_you_mean(name, known)} Models: {', '.join(known)}.")
    config = dict(_cards(PLUGINS[family])[short]["config"]) | RIGHT.get(name, {})
    return family_named(family), config


def _cards(plugin: str) -> dict[str, dict[str, Any]]:
    # azula would import each plugin for it, and one of them half of torch
    folder = Path(str(azula_module("plugins").__file__)).parent / plugin
    cards: dict[str, dict[str, Any]] = YAML(typ="safe", pure=True).load((folder / "cards.yaml").read_text("utf-8"))
    return cards
