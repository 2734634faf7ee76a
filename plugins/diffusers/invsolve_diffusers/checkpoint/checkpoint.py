"""`Checkpoint`: a folder of diffusers weights, or one on the hub: its family, its configs, its modules."""

import inspect
import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal, final

import attrs
import torch
from torch import nn

from invsolve.errors import CapabilityError, ReadError
from invsolve_diffusers.checkpoint.hub import snapshot
from invsolve_diffusers.checkpoint.placement_check import check_config, check_module
from invsolve_diffusers.checkpoint.published import PUBLISHED
from invsolve_diffusers.checkpoint.published_facts import Published
from invsolve_diffusers.checkpoint.weight_files import check_weights
from invsolve_diffusers.configuration.autoencoder_fields import refused_field
from invsolve_diffusers.configuration.scheduler import Scheduler
from invsolve_diffusers.families.known import decoder_folders, family_of, has_autoencoder
from invsolve_diffusers.network.codecs.pixels import NoAutoencoder
from invsolve_diffusers.network.configs import Configs
from invsolve_diffusers.network.family import Family

Module = Literal["denoiser", "decoder"]
DECODER_FOLDER: Final = "vae"
SCHEDULER_FOLDER: Final = "scheduler"
IMAGE_BRANCH: Final = "image_branch/model.safetensors"  # of TF-T2V, see `invsolve weights convert`
DENOISERS: Final = ("transformer", "unet")
ALONE: Final = {"unet": "config.json", SCHEDULER_FOLDER: "scheduler_config.json"}


@final
@attrs.frozen
class Checkpoint:
    """The parts of a model as `DiffusionPipeline.save_pretrained` writes them, read when they are first needed.

    Attributes:
        path: a folder with ``transformer`` or ``unet``, ``vae`` and ``scheduler`` in it, or the name of such a folder
            on the hub, ``owner/name``. For the names in `PUBLISHED` the configs are known without any file.
    """

    path: str

    @cached_property
    def known(self) -> Published | None:
        """The published facts, known without files."""
        return None if Path(self.path).is_dir() else PUBLISHED.get(self.path)

    @cached_property
    def folder(self) -> Path:
        """The folder of the files, downloaded if need be; raises `ReadError` with what to do."""
        return snapshot(self.path)

    @cached_property
    def family(self) -> Family:
        """By the classes of denoiser and autoencoder; raises `CapabilityError` for models that cannot be a prior."""
        denoiser_class = self._denoiser_class
        known = self.known
        if known is not None:
            return family_of(denoiser_class, known.decoder_class, known.denoiser, known.scheduler, self.path)
        folders = decoder_folders(denoiser_class)
        there = next((folder for folder in folders if (self.folder / folder).is_dir()), None)
        if there is None and has_autoencoder(denoiser_class):
            self._part(folders[0])  # says what is there
        decoder_class = "" if there is None else self._class_of(there)
        denoiser = self._config(self._denoiser_folder)
        return family_of(denoiser_class, decoder_class, denoiser, self._scheduler, self.path)

    @cached_property
    def configs(self) -> Configs:
        """The config files, with the defaults of their classes; raises `CapabilityError` for unsupported variants."""
        family, known = self.family, self.known
        if known is None:
            said: tuple[Mapping[str, Any], ...] = (
                self._config(family.denoiser_folder),
                self._config(family.decoder_folder) if family.decoder_class else {},
                self._scheduler,
            )
        else:
            said = (known.denoiser, known.decoder, known.scheduler)
        configs = Configs(
            {**_defaults(family.denoiser_class), **said[0]},
            {**_defaults(family.decoder_class), **said[1]} if family.decoder_class else {},
            Scheduler.read(said[2], self.path),
        )
        reason = family.refuses(configs) or refused_field(family.decoder_class, configs.decoder, family.decoder_uses)
        if reason is not None:
            raise CapabilityError(f"{self.path} cannot be a prior: {reason}.")
        return configs

    @property
    def sees_pictures(self) -> bool:
        """Whether it has the branch by which TF-T2V sees a video of pictures."""
        return self.known is None and (self.folder / IMAGE_BRANCH).is_file()

    def build(self, part: Module, dtype: torch.dtype, device: str = "meta") -> nn.Module:
        """The architecture without its weights."""
        import diffusers

        if part == "decoder" and not self.family.decoder_class:
            return NoAutoencoder(dtype, torch.device(device))
        config = self.configs.denoiser if part == "denoiser" else self.configs.decoder
        with torch.device(device):
            module: nn.Module = getattr(diffusers, self._class(part)).from_config(dict(config))
        # not `module.to`, which in diffusers warns of layers to be kept in float32, even where there are none
        return nn.Module.to(module, dtype).eval().requires_grad_(False)

    def load(self, part: Module, dtype: torch.dtype, device: torch.device) -> nn.Module:
        """The module with its weights, frozen, in a dtype and on a device.

        Raises:
            ReadError: for weights that are missing, cut short, pickled or of another architecture.
            CapabilityError: for what would make gradients wrong.
        """
        import diffusers

        if part == "decoder" and not self.family.decoder_class:
            return NoAutoencoder(dtype, device)
        folder = self._part(self.family.denoiser_folder if part == "denoiser" else self.family.decoder_folder)
        variant = check_weights(folder)
        check_config(self.configs.denoiser if part == "denoiser" else self.configs.decoder, part)
        loader = getattr(diffusers, self._class(part))
        try:
            with torch.random.fork_rng(devices=[]):  # constructors draw parameters that are overwritten at once
                module, report = loader.from_pretrained(
                    folder,
                    torch_dtype=dtype,
                    use_safetensors=True,
                    local_files_only=True,
                    output_loading_info=True,
                    variant=variant,
                )
        except (OSError, ValueError, RuntimeError, TypeError) as error:
            said = " ".join(str(error).split())[:300]
            raise ReadError(f"{folder} could not be loaded as a {self._class(part)}: {said}") from error
        missing = sorted(report["missing_keys"])
        if missing:
            raise ReadError(
                f"the weights in {folder} lack {len(missing)} of the parameters that its config.json asks for, the "
                f"first {missing[0]!r}: weights and config are not of the same model."
            )
        if dtype == torch.float64:
            module = module.double()  # models keep some layers in float32 whatever is asked for
        loaded: nn.Module = module.to(device).eval().requires_grad_(False)
        check_module(loaded, part)
        return loaded

    def _class(self, part: Module) -> str:
        return self.family.denoiser_class if part == "denoiser" else self.family.decoder_class

    @cached_property
    def _denoiser_class(self) -> str:
        if self.known is not None:
            return self.known.denoiser_class
        alone = all((self.folder / name).is_file() for name in ALONE.values())
        if alone or (self.folder / self._denoiser_folder / "config.json").is_file():
            return self._class_of(self._denoiser_folder)
        index = self.folder / "model_index.json"
        if index.is_file():
            listed = _read_json(index)
            for folder in ("transformer", "unet"):
                if folder in listed:
                    raise ReadError(
                        f"{self.folder} lists a {folder} in its model_index.json, but {folder}/config.json is not "
                        "there; copy the whole folder."
                    )
        raise ReadError(
            f"{self.folder} is not a diffusers checkpoint: it needs a folder transformer (or unet), vae and scheduler, "
            f"and holds {_contents(self.folder)}. Give the folder that holds model_index.json. Original files of "
            "TF-T2V and ModelScope become one with `invsolve weights convert`."
        )

    @cached_property
    def _denoiser_folder(self) -> str:
        return next((each for each in DENOISERS if (self.folder / each / "config.json").is_file()), DENOISERS[-1])

    @cached_property
    def _scheduler(self) -> dict[str, Any]:
        return _read_json(self._part(SCHEDULER_FOLDER) / "scheduler_config.json")

    def _class_of(self, folder: str) -> str:
        return str(self._config(folder).get("_class_name", f"model without _class_name in {folder}/config.json"))

    def _config(self, folder: str) -> dict[str, Any]:
        return _read_json(self._part(folder) / "config.json")

    def _part(self, folder: str) -> Path:
        part = self.folder / folder
        if not part.is_dir() and (self.folder / ALONE.get(folder, folder)).is_file():
            return self.folder  # a model of pixels may keep all of its files side by side
        if not part.is_dir():
            raise ReadError(
                f"{self.folder} has no folder {folder!r}; it holds {_contents(self.folder)}. Copy or download it again "
                "whole."
            )
        return part


def _defaults(name: str) -> dict[str, Any]:
    import diffusers

    parameters = inspect.signature(getattr(diffusers, name).__init__).parameters
    return {key: each.default for key, each in parameters.items() if each.default is not inspect.Parameter.empty}


def _read_json(path: Path) -> dict[str, Any]:
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ReadError(f"there is no {path}; copy or download the whole checkpoint again.") from error
    except (OSError, ValueError) as error:
        raise ReadError(f"{path} is not readable JSON ({error}); copy or download it again.") from error
    if not isinstance(read, dict):
        raise ReadError(f"{path} holds no mapping; it is not a diffusers config.")
    return read


def _contents(folder: Path) -> str:
    names = sorted(path.name for path in folder.iterdir())
    shown = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
    return shown or "nothing"
