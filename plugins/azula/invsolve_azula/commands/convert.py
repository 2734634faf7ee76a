"""`convert`: a published checkpoint as a file of this plugin."""

from pathlib import Path
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from invsolve.errors import ComponentError, ReadError, WriteError
from invsolve.files.atomic import refuse_existing
from invsolve.media.source import require_file
from invsolve_azula.checkpoint.network_file import write
from invsolve_azula.checkpoint.original import of_pickle, state_dict
from invsolve_azula.commands.models import model_named
from invsolve_azula.families.family import Config, Family
from invsolve_azula.families.known import family_named

PICKLES: Final = (".pkl", ".pickle")


def convert(original: Path, file: Path, model: str | None = None, config: Path | None = None) -> Path:
    """Read the weights of `original`, and write them to `file` with their family and config.

    Args:
        model: what a ``.pt`` or ``.pth`` is, one of them; a ``.pkl`` says it itself.
        config: what a ``.pt`` or ``.pth`` is, one of them; a ``.pkl`` says it itself.

    Raises:
        ComponentError: for a model that there is not, or one too many.
        ReadError: for files that are missing, damaged, hold more than weights or do not fill the network.
        WriteError: where `file` cannot be written.
    """
    refuse_existing(file)
    if file.suffix != ".safetensors":
        raise WriteError(
            f"{file}: a converted checkpoint is safetensors; call it {file.with_suffix('.safetensors').name}."
        )
    require_file(original)
    if original.suffix in PICKLES:
        if model is not None or config is not None:
            raise ComponentError(f"{original} says itself what it is; leave --model and --config out.")
        family, made, tensors = of_pickle(original)
    else:
        family, made = _named(model, config)
        tensors = state_dict(original)
    write(file, family, made, tensors, str(original))
    return file


def _named(model: str | None, config: Path | None) -> tuple[Family, Config]:
    if model is not None and config is None:
        return model_named(model)
    if config is None or model is not None:
        raise ComponentError("say what the file is: either --model, a published one, or --config, of your own.")
    try:
        read = YAML(typ="safe", pure=True).load(config.read_text(encoding="utf-8"))
    except (OSError, YAMLError, UnicodeDecodeError) as error:
        raise ReadError(f"{config} cannot be read ({' '.join(str(error).split())[:200]}).") from error
    if not isinstance(read, dict) or len(read) != 1 or not isinstance(next(iter(read.values())), dict):
        raise ReadError(f"{config} must hold one family and its config, as in `adm: {{image_size: 256, ...}}`.")
    ((name, made),) = read.items()
    return family_named(str(name)), made
