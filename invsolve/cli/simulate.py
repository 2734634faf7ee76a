"""`invsolve simulate`: make the observation of a recipe."""

from pathlib import Path
from typing import TYPE_CHECKING

from invsolve.cli.recipe import Overrides
from invsolve.errors import RecipeError, WriteError

if TYPE_CHECKING:
    from invsolve.media.recording import Recording


def simulate(recipe: Path, *, overrides: Overrides = (), out: Path | None = None) -> None:
    """Apply the operator and the noise of a recipe to its input, and write what a camera would have recorded.

    The input of the recipe is the sharp clip, or is already `read: simulate`. The folder holds observation.nc and
    observation.npz (with the truth), and pictures of both.

    Args:
        recipe: A recipe file, the name of an installed recipe, or the folder of a run.
        overrides: PATH=VALUE, as often as needed.
        out: A new folder; by default simulated/<recipe>-<hash>.
    """
    from invsolve.media import ReadContext, SimulateReader
    from invsolve.media.reader import read_from
    from invsolve.recipe import load
    from invsolve.record.recording_folder import write_recording

    recipes = load(recipe, overrides)
    if len(recipes) > 1 and out is not None:
        raise RecipeError(f"{recipe} stands for {len(recipes)} problems, which --out cannot hold; leave it out.")
    for each in recipes:
        folder = out or Path("simulated") / f"{each.name}-{each.hash8}"
        if folder.exists():
            raise WriteError(f"{folder} exists already. Nothing is overwritten: name a new folder with --out.")
        reader = each.input if isinstance(each.input, SimulateReader) else SimulateReader(from_=each.input)
        recording = read_from(reader, ReadContext(each.operator, each.noise, each.seed))
        write_recording(folder, recording)
        print(_described(folder, recording))


def _described(folder: Path, recording: "Recording") -> str:
    c, t, h, w = recording.space.shape
    return (
        f"{folder}: {t} frame{'s' * (t != 1)} of {h}x{w}, {c} channel{'s' * (c != 1)}, {recording.space.transfer}\n"
        f"  to solve it: input: {{read: netcdf, path: {folder.absolute() / 'observation.nc'}, outside: keep}}"
    )
