"""The report of `invsolve estimate`: plain data, and a table of it."""

from typing import Any

import attrs
from rich.console import Console
from rich.table import Table

from invsolve_diffusers.commands.cards import UTILISATION, Card
from invsolve_diffusers.memory.estimate import Estimator, PartEstimate
from invsolve_diffusers.memory.policy import GIB, Choice


def report(name: str, estimator: Estimator, choice: Choice, card: Card) -> dict[str, Any]:
    """Everything that is known, in bytes, operations and seconds."""
    found = choice.estimate
    parts = {"denoiser": found.denoiser, "decoder": found.decoder}
    return {
        "recipe": name,
        "checkpoint": estimator.checkpoint.path,
        "latent": list(estimator.latent),
        "placement": attrs.asdict(choice.placement),
        "parts": {
            title: _part(
                part, estimator.plain_bytes("denoiser" if title == "denoiser" else "decoder", choice.placement)
            )
            for title, part in parts.items()
        },
        "state_bytes": found.state_bytes,
        "peak_bytes": found.peak_bytes,
        "peak_bytes_by_device": found.by_device,
        "operations_per_step": found.operations,
        "seconds_per_step": card.seconds(found.operations),
        "card": {"name": card.name, "gigabytes": card.gigabytes, "teraflops": card.teraflops},
        "fits": choice.fits,
    }


def table(facts: dict[str, Any]) -> None:
    """Print the report."""
    card, placement = facts["card"], facts["placement"]
    shown = Table(title=f"{facts['recipe']}: {facts['checkpoint']}, latent b c t h w = {tuple(facts['latent'])}")
    for column in ("part", "parameters", "weights", "retained", "without checkpoints", "peak alone", "placement"):
        shown.add_column(column, justify="left" if column in ("part", "placement") else "right")
    for title, part in facts["parts"].items():
        sizes = [part[f"{key}_bytes"] for key in ("weights", "retained", "plain_retained", "peak")]
        checkpoints = {True: "blocks", False: "none"}.get(kept := placement[f"{title}_checkpointing"], kept)
        where = f"{part['dtype']} on {part['device']}, checkpoints: {checkpoints}"
        shown.add_row(title, f"{part['parameters'] / 1e6:.0f} M", *(_gib(size) for size in sizes), where)
    shown.add_row("state", "", "", _gib(facts["state_bytes"]), "", "", "")
    console = Console(width=None if Console().is_terminal else 140)
    console.print(shown)
    held = ", ".join(f"{_gib(size)} on {name}" for name, size in facts["peak_bytes_by_device"].items())
    verdict = "fits" if facts["fits"] else "does not fit"
    console.print(f"peak of a guided step: {held}; {verdict} a card of {card['gigabytes']:g} GB ({card['name']})")
    count = f"{facts['operations_per_step'] / 1e12:.0f} Tflop a step"
    seconds = facts["seconds_per_step"]
    about = "" if seconds is None else f", about {seconds:.1f} s at {UTILISATION:.0%} of {card['teraflops']:g} Tflop/s"
    console.print(count + about)


def _part(part: PartEstimate, plain_bytes: int) -> dict[str, Any]:
    return {
        "parameters": part.parameters,
        "device": str(part.device),
        "dtype": str(part.dtype).removeprefix("torch."),
        "weights_bytes": part.weights_bytes,
        "retained_bytes": part.retained_bytes,
        "plain_retained_bytes": plain_bytes,
        "peak_bytes": part.peak_bytes,
    }


def _gib(size: int) -> str:
    return f"{size / GIB:.2f} GiB"
