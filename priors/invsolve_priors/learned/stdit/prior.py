"""`STDiT`: a video prior learned by a space-time transformer in the latents of a per-frame autoencoder."""

import copy
from functools import cached_property
from pathlib import Path
from typing import ClassVar, TypeVar, final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor, nn

from invsolve.errors import CapabilityError, ComponentError, ReadError, SpaceError
from invsolve.plugin import Catalog
from invsolve.prior import ConditionForm, Prior
from invsolve.prior.precision import Precision, in_bfloat16
from invsolve.prior.prediction import Prediction
from invsolve.prior.weights import Weights, weights_named
from invsolve.schedule import NoiseLevel, Schedule
from invsolve.validators import as_path, literal
from invsolve.video.space import VideoSpace
from invsolve_priors.learned.autoencoder.network import Autoencoder
from invsolve_priors.learned.model_card import ModelCard
from invsolve_priors.learned.model_file import Model, read_card, read_model
from invsolve_priors.learned.stdit.gaussian_estimate import GaussianEstimate
from invsolve_priors.learned.stdit.network import STDiTNetwork
from invsolve_priors.learned.stdit.output import conditioning_channels, prediction_of

Key = tuple[torch.dtype, torch.device]
Networks = tuple[STDiTNetwork, Autoencoder | None, GaussianEstimate | None]
Network = TypeVar("Network", bound=nn.Module)


@final
@attrs.frozen
class STDiT(Prior):
    """``p(z0)`` of latent videos by a diffusion transformer; ``x = D(z0)`` frame by frame.

    Tokens are patches of the latent ``c t h w``; each block attends in space, then in time, then acts on every token
    alone, modulated by the noise level. Everything else (sizes, schedule, the transformer's output, the autoencoder)
    stands on the card of the model file.

    The condition, for models trained with one, is ``b c2 t h w``, concatenated with the latent, or ``b t v``, numbers
    for each frame. Input in float64 is computed in float64.

    Attributes:
        weights: installed weights, or the name of some, such as ``blocksworld``; or
        file: a model file that `invsolve train` wrote.
        precision: of matrix products of float32 input: ``float32``, or ``bfloat16``, about twice as fast and with some
            percent of error in gradients, but ten times slower where a processor emulates it; ``auto`` is the quicker.
        checkpointing: compute the transformer's blocks again in the backward pass instead of keeping them.

    Raises:
        ComponentError: unless one of ``weights`` and ``file`` is given.
        ReadError: for a file that is missing, cut short, damaged, foreign, or holds no transformer.
        SpaceError: for videos that the patches do not divide.

    References:
        Zheng et al. 2024 (Open-Sora); Peebles and Xie 2023; frame-wise first stage of Esser et al. 2021.

    Examples:
        ```python
        STDiT(weights="blocksworld")
        ```

        ```yaml
        prior: {use: stdit, weights: blocksworld}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@misc{zheng2024opensora, title={Open-Sora: Democratizing Efficient Video Production for All}, "
        "author={Zheng, Zangwei and Peng, Xiangyu and Yang, Tianji and Shen, Chenhui and Li, Shenggui and Liu, Hongxin "
        "and Zhou, Yukun and Li, Tianyi and You, Yang}, year={2024}, eprint={2412.20404}, archivePrefix={arXiv}}",
        "@inproceedings{peebles2023scalable, title={Scalable Diffusion Models with Transformers}, "
        "author={Peebles, William and Xie, Saining}, booktitle={ICCV}, year={2023}}",
        "@inproceedings{esser2021taming, title={Taming Transformers for High-Resolution Image Synthesis}, "
        'author={Esser, Patrick and Rombach, Robin and Ommer, Bj{\\"o}rn}, booktitle={CVPR}, year={2021}}',
    )
    decodes_frames_alone: ClassVar[bool] = True

    weights: Weights | None = attrs.field(default=None, converter=weights_named)
    file: Path | None = attrs.field(default=None, converter=attrs.converters.optional(as_path))
    precision: Precision = attrs.field(default="float32", validator=literal(Precision))
    checkpointing: bool = False

    def __attrs_post_init__(self) -> None:
        if (self.weights is None) == (self.file is None):
            installed = ", ".join(Catalog.discover().names("weights")) or "none"
            raise ComponentError(
                "an stdit prior needs either `weights`, a name, or `file`, a model file that `invsolve train` wrote;"
                f" got weights={self.weights!r} and file={self.file}. Installed weights: {installed}."
            )

    @cached_property
    def path(self) -> Path:
        """The model file."""
        if self.file is not None:
            return self.file
        assert self.weights is not None  # one of the two is given
        return self.weights.path()

    @cached_property
    def model(self) -> Model:
        """The content of the model file, read when it is first needed."""
        return read_model(self.path)

    @cached_property
    def card(self) -> ModelCard:
        """The model file's card, read without its parameters."""
        card = read_card(self.path)
        if card.denoiser is None:
            raise ReadError(f"{self.path} holds an autoencoder alone; train a transformer on it first.")
        return card

    @property
    def schedule(self) -> Schedule:  # type: ignore[override]  # read-only, and known only from the file
        """The levels the transformer was trained at."""
        return self.card.schedule

    @property
    def condition_form(self) -> ConditionForm:  # type: ignore[override]  # read-only, and known only from the file
        """As it was trained; a network that is shown a frame of its own needs `exposure_conditioned` around it."""
        if not self.card.takes_condition:
            return "none"
        form = self.card.condition
        return form if form in ("channels", "vector") else "given"

    def latent_shape(self, space: VideoSpace) -> tuple[int, int, int, int]:
        """``z t h/f w/f`` with the autoencoder's factor ``f``."""
        autoencoder, denoiser = self.card.autoencoder, self.card.denoiser
        factor = 1 if autoencoder is None else autoencoder.factor
        channels = self.card.space.channels if autoencoder is None else autoencoder.channels
        if space.channels != channels:
            raise SpaceError(f"{self} models videos of {channels} channels, got {space.channels} in {space}.")
        trained = self.card.space.transfer
        if "unknown" not in (trained, space.transfer) and space.transfer != trained:
            raise SpaceError(
                f"{self} models videos whose values are {trained}, got {space.transfer}; write what the video holds"
                " into its reader, or convert it (operator linearise or camera_response)."
            )
        assert denoiser is not None
        shape = (denoiser.channels, space.frames, space.height // factor, space.width // factor)
        steps = (denoiser.patch[0], factor * denoiser.patch[1], factor * denoiser.patch[2])
        unfit = _unfit(space.shape[1:], steps)
        if denoiser.version == 1 and denoiser.grid is not None and shape[1:] != denoiser.grid:
            frames, height, width = denoiser.grid
            raise SpaceError(
                f"{self} takes videos of {frames} frames of {factor * height} x {factor * width} pixels (height x"
                f" width) alone, got {space}."
            )
        if self.card.gaussian is not None and (unfit or self.card.gaussian.shape != shape):
            raise SpaceError(
                f"{self} corrects a linear estimate that was fitted to videos of {self.card.space}, and takes no"
                f" others; got {space}."
            )
        if unfit:
            raise SpaceError(f"{self} needs {unfit}. Write `size: HxW`, `crop` or `frames` into the reader.")
        return shape

    def encode(self, video: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b z t hz wz"]:
        """Each frame's latent; a model of pixels has ``2 x - 1``."""
        autoencoder = self._networks((video.dtype, video.device))[1]
        if autoencoder is None:
            return 2 * video - 1
        with self._autocast(video):
            return autoencoder.encode(video)

    def decode(self, z: Float[Tensor, "b z t hz wz"]) -> Float[Tensor, "b c t h w"]:
        """Each frame on its own."""
        autoencoder = self._networks((z.dtype, z.device))[1]
        if autoencoder is None:
            return (z + 1) / 2
        with self._autocast(z):
            return autoencoder.decode(z)

    def predict(
        self, z: Float[Tensor, "b z t hz wz"], level: NoiseLevel, condition: Tensor | None = None
    ) -> Prediction:
        """One call of the transformer.

        Raises:
            CapabilityError: for a condition that the model does not take.
        """
        wants = self.card.takes_condition
        if wants != (condition is not None):
            raise CapabilityError(
                f"{self} was trained {'with' if wants else 'without'} a condition; give the problem"
                f" {'one' if wants else 'none'}."
            )
        denoiser, _, gaussian = self._networks((z.dtype, z.device))
        a, s, time = (z.new_full((len(z),), value) for value in (level.a, level.s, level.time))
        linear = None if gaussian is None else gaussian(z, a, s)
        with self._autocast(z):
            seen = conditioning_channels(condition, linear)
            output = denoiser(z, time, seen, checkpointing=self.checkpointing and z.requires_grad)
        return prediction_of(self.card, z, output.to(z.dtype), level, linear)

    def _autocast(self, like: Tensor) -> torch.autocast:
        wanted = like.dtype == torch.float32 and in_bfloat16(self.precision, like.device)
        return torch.autocast(like.device.type, torch.bfloat16, enabled=wanted)

    def _networks(self, key: Key) -> Networks:
        """The networks in a dtype and on a device, made once for each."""
        if key not in self._made:
            model = self.model
            assert model.denoiser is not None
            autoencoder = None if model.autoencoder is None else _copy(model.autoencoder, key)
            gaussian = None if model.gaussian is None else _copy(model.gaussian, key)
            self._made[key] = (_copy(model.denoiser, key), autoencoder, gaussian)
        return self._made[key]

    @cached_property
    def _made(self) -> dict[Key, Networks]:
        return {}


def _unfit(sizes: tuple[int, int, int], steps: tuple[int, int, int]) -> str:
    """The sizes ``t h w`` that are no multiples of their steps, with the nearest that are; empty if all are."""
    said = []
    for what, size, step in zip(("number of frames", "height", "width"), sizes, steps, strict=True):
        if size % step:
            below = size // step * step
            nearest = f"{below} or {below + step}" if below else f"{step}"
            said.append(f"a {what} that is a multiple of {step}, got {size} (nearest {nearest})")
    return " and ".join(said)


def _copy(network: Network, key: Key) -> Network:
    dtype, device = key
    return copy.deepcopy(network).to(dtype=dtype, device=device)
