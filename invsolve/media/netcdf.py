"""Reader `netcdf`: recordings and solutions in invsolve's own format."""

from pathlib import Path
from typing import Any, ClassVar, Final, final

import attrs
import numpy as np
import numpy.typing as npt
import torch
import xarray as xr

from invsolve.errors import ChoiceNeeded, ReadError, SpaceError, did_you_mean
from invsolve.files.guarded import try_reading
from invsolve.files.seal import KEY, check_seal
from invsolve.files.sha256 import sha256_of
from invsolve.media.axes import check_axes
from invsolve.media.dataset import read_array
from invsolve.media.framing import Framing, check_crop
from invsolve.media.memory_limit import require_room
from invsolve.media.reader import ReadContext, Reader, check_transfer
from invsolve.media.recording import Recording
from invsolve.media.source import require_file
from invsolve.media.values import Outside, to_unit
from invsolve.validators import as_path, literal, number, optional, whole
from invsolve.video.space import VideoSpace

TRUTH: Final = "truth"
_EXAMPLES: Final = {"axes": " for what they are, like 't c h w'", "frame_rate": ""}
_NAMES: Final = {"b": "observation", "c": "channel", "t": "frame", "h": "y", "w": "x"}


@final
@attrs.frozen
class NetCDFReader(Reader):
    """A variable of a NetCDF or HDF5 file over ``frame, channel, y, x``, as a video ``b c t h w``, float32.

    `invsolve simulate` and `invsolve run` write such files. A variable ``truth`` comes along as the truth. Integers are
    scaled to [0, 1] by their number type, or by the file's ``scale_factor`` and ``add_offset``.

    Attributes:
        path: the file.
        variable: by default ``observed``, ``video`` or the only one.
        axes: the axes of the variable in order, of ``b c t h w``, instead of the names that the file gives them; plain
            HDF5 files give none.
        frame_rate: [frames/s] instead of the file's own.
        sample: which one, where there is an axis ``sample``.
        outside: what to do with values outside of [0, 1]: ``refuse``, ``clip``, or ``keep`` (a noisy observation).
        crop: ``"HxW"`` or ``"HxW+TOP+LEFT"`` [pixels]; the truth is then left out.
        transfer: by default the file's own, or ``unknown``.

    Raises:
        ReadError: for a file that is missing or no NetCDF, unknown variables, axes that do not fit, values outside of
            [0, 1], NaN and infinities.

    Examples:
        ```python
        recording = NetCDFReader(path=Path("observation.nc"), outside="keep").read(ReadContext())
        ```

        ```yaml
        input: {read: netcdf, path: observation.nc, outside: keep}
        ```
    """

    suffixes: ClassVar[tuple[str, ...]] = (".nc", ".h5")

    path: Path = attrs.field(converter=as_path)
    variable: str | None = None
    axes: str | None = attrs.field(default=None, validator=optional(check_axes))
    frame_rate: float | None = attrs.field(default=None, validator=optional(number(above=0.0)))
    sample: int = attrs.field(default=0, validator=whole(least=0))
    outside: Outside = attrs.field(default="refuse", validator=literal(Outside))
    crop: str | None = attrs.field(default=None, validator=check_crop)
    transfer: str | None = attrs.field(default=None, validator=check_transfer)

    def read(self, context: ReadContext) -> Recording:
        """Read the variable."""
        del context
        require_file(self.path)
        if not check_seal(self.path, f"Copy it again; if it was changed on purpose, take {KEY} out of it."):
            try_reading(self.path, "invsolve.files.hdf5_trial:read_hdf5")
        try:
            with xr.open_dataset(self.path, engine="h5netcdf", mask_and_scale=False, phony_dims="sort") as lazy:
                for name, array in lazy.data_vars.items():
                    require_room(self.path, array.shape, 4, f"Cut the variable {name!r} into smaller files.")
                dataset = lazy.load()
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise ReadError(f"{self.path} is not a NetCDF-4 file that can be read, or is damaged: {error}") from error
        name = self._chosen(dataset)
        video, space = self._video(dataset, name)
        video = Framing(crop=self.crop).apply(video, str(self.path), space.transfer)
        space = attrs.evolve(space, height=video.shape[-2], width=video.shape[-1])
        with_truth = TRUTH in dataset and name != TRUTH and self.crop is None
        truth, truth_space = self._video(dataset, TRUTH) if with_truth else (None, None)
        return Recording(
            video=video,
            space=space,
            name=self.path.stem,
            sha256=sha256_of(self.path),
            truth=truth,
            truth_space=truth_space,
        )

    def _chosen(self, dataset: xr.Dataset) -> str:
        names = [str(name) for name, array in dataset.data_vars.items() if array.ndim >= 2]
        if self.variable is not None:
            if self.variable not in names:
                hint = did_you_mean(self.variable, names)
                raise ReadError(f"{self.path} has no variable {self.variable!r}.{hint} Variables: {', '.join(names)}.")
            return self.variable
        preferred = [name for name in ("observed", "video") if name in names] or names
        if not preferred or (len(preferred) > 1 and preferred is names):
            raise ReadError(f"{self.path} does not say which picture to read. Write `variable:` one of {names}.")
        return preferred[0]

    def _video(self, dataset: xr.Dataset, name: str) -> tuple[torch.Tensor, VideoSpace]:
        array = dataset[name]
        where = f"variable {name!r} of {self.path}"
        if "sample" in array.dims:
            if self.sample >= array.sizes["sample"]:
                raise ReadError(f"{where} has {array.sizes['sample']} samples; there is no sample {self.sample}.")
            array = array.isel(sample=self.sample)
        if self.axes is not None:
            array = self._named(array, where)
        values = to_unit(_scaled(array, where), where, self.outside)
        array = array.copy(data=values)
        if self.frame_rate is not None:
            array.attrs["frame_rate"] = self.frame_rate
        try:
            video, space = read_array(array, dataset.attrs.get("frame_rate"))
        except ChoiceNeeded as error:
            # axes that were named can only be wrong
            way = "" if self.axes and error.field == "axes" else f" Write `{error.field}:`{_EXAMPLES[error.field]}."
            raise ChoiceNeeded(f"{where} {error}.{way}", error.field) from error
        except SpaceError as error:
            raise ReadError(f"{where} {error}.") from error
        return video, space if self.transfer is None else attrs.evolve(space, transfer=self.transfer)

    def _named(self, array: xr.DataArray, where: str) -> xr.DataArray:
        names = [_NAMES[letter] for letter in (self.axes or "").split()]
        if len(names) != array.ndim:
            raise ReadError(f"{where} has shape {array.shape}, which is not {self.axes!r}. Name each axis once.")
        return xr.DataArray(array.values, dims=names, attrs=array.attrs, name=array.name)


def _scaled(array: xr.DataArray, where: str) -> npt.NDArray[Any]:
    """The values of a variable by its ``scale_factor`` and ``add_offset``; raises `ReadError` for missing ones."""
    values, attributes = np.asarray(array.values), array.attrs
    for name in ("_FillValue", "missing_value"):
        if name in attributes and values.dtype.kind in "iu" and (gone := int((values == attributes[name]).sum())):
            raise ReadError(f"{where} lacks {gone} of {values.size} values ({name} {attributes[name]}). Fill them in.")
    if "scale_factor" in attributes or "add_offset" in attributes:
        scale, offset = attributes.get("scale_factor", 1.0), attributes.get("add_offset", 0.0)
        return np.asarray(values * np.float64(scale) + np.float64(offset))
    return values
