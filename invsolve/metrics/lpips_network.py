"""`LPIPSNetwork`: features of a picture classifier and how much each of them counts, from a file of the user's."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, final

import attrs
import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import ReadError
from invsolve.files.tensor_file import read_tensors

MEAN: Final = (-0.030, -0.088, -0.188)
STD: Final = (0.458, 0.448, 0.450)
_EPS: Final = 1e-10
_WAY_OUT: Final = "The page of `lpips` says how to make one."


@final
@attrs.frozen
class Layer:
    """A convolution and what stands around it; its parameters are ``features.<number>.weight`` and ``.bias``.

    Attributes:
        number: its place in the classifier as torchvision counts.
        stride: in pixels of its input.
        padding: in pixels, of zeros.
        pool: side of the window whose maximum is taken before it, of every other place; 0: none.
        read: whether its features, after the rectifier, are compared.
    """

    number: int
    stride: int = 1
    padding: int = 1
    pool: int = 0
    read: bool = True


ALEXNET: Final = (
    Layer(0, stride=4, padding=2),
    Layer(3, padding=2, pool=3),
    Layer(6, pool=3),
    Layer(8),
    Layer(10),
)
VGG16: Final = tuple(
    Layer(number, pool=2 * (number in (5, 10, 17, 24)), read=number in (2, 7, 14, 21, 28))
    for number in (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28)
)
"""**Source:** Krizhevsky 2014 and Simonyan and Zisserman 2015, configuration D, as torchvision numbers their layers."""


@final
@attrs.frozen(eq=False)
class LPIPSNetwork:
    """``d(x, y) = sum_l mean_hw sum_c w_lc (x_lc / |x_l| - y_lc / |y_l|)^2`` with features ``x_l`` of five layers.

    References:
        Zhang et al. 2018, eq. 1.

    Attributes:
        layers: of the classifier.
        parameters: of its convolutions, and the weights ``lin<l>.model.1.weight`` of the features, ``1 c 1 1``.
    """

    layers: tuple[Layer, ...]
    parameters: Mapping[str, Tensor]

    @classmethod
    def read(cls, path: Path) -> "LPIPSNetwork":
        """The network of a `.safetensors` file, AlexNet or VGG-16 by the convolutions that it holds.

        Raises:
            ReadError: for a file that is missing or damaged, and for one that lacks a part, which is named.
        """
        found = read_tensors(path, "the weights of LPIPS", _WAY_OUT).tensors
        layers = VGG16 if "features.28.weight" in found else ALEXNET
        wanted = [f"features.{layer.number}.{what}" for layer in layers for what in ("weight", "bias")]
        wanted += [f"lin{number}.model.1.weight" for number in range(sum(layer.read for layer in layers))]
        if missing := [name for name in wanted if name not in found]:
            raise ReadError(f"{path} lacks {missing[0]}, one of the {len(wanted)} tensors of LPIPS. {_WAY_OUT}")
        before, heads = 3, iter(wanted[2 * len(layers) :])
        for layer in layers:
            name = f"features.{layer.number}.weight"
            width, *rest = found[name].shape
            if rest[:1] != [before]:
                raise _other_shape(path, name, found[name], f"{width} {before} h w")
            if layer.read and found[head := next(heads)].shape != (1, width, 1, 1):
                raise _other_shape(path, head, found[head], f"1 {width} 1 1")
            before = width
        return cls(layers, {name: found[name].double() for name in wanted})

    def least_side(self) -> int:
        """The smallest picture that leaves one value to compare in the last layer [pixels]."""
        side = 1
        for layer in reversed(self.layers):
            kernel = self.parameters[f"features.{layer.number}.weight"].shape[-1]
            side = max(1, (side - 1) * layer.stride + kernel - 2 * layer.padding)
            if layer.pool:
                side = (side - 1) * 2 + layer.pool
        return side

    def distance(self, x: Float[Tensor, "n 3 h w"], y: Float[Tensor, "n 3 h w"]) -> Float[Tensor, " n"]:
        """How far pictures of display-encoded values in [0, 1] are apart; 0 for equal ones."""
        total = x.new_zeros(len(x))
        for number, (first, second) in enumerate(zip(self._features(x), self._features(y), strict=True)):
            weights = self.parameters[f"lin{number}.model.1.weight"].to(x)
            squares = (_normalised(first) - _normalised(second)).square()
            total = total + (weights * squares).sum(1).mean((1, 2))
        return total

    def _features(self, pictures: Float[Tensor, "n 3 h w"]) -> list[Tensor]:
        mean, std = (pictures.new_tensor(values)[:, None, None] for values in (MEAN, STD))
        z, read = (2 * pictures - 1 - mean) / std, []
        for layer in self.layers:
            if layer.pool:
                z = torch.nn.functional.max_pool2d(z, layer.pool, stride=2)
            weight, bias = (self.parameters[f"features.{layer.number}.{what}"].to(z) for what in ("weight", "bias"))
            z = torch.nn.functional.conv2d(z, weight, bias, stride=layer.stride, padding=layer.padding).relu()
            if layer.read:
                read.append(z)
        return read


def frames_of(video: Float[Tensor, "b c t h w"]) -> Float[Tensor, "n 3 h w"]:
    """The frames of display-encoded videos in [0, 1], grey ones three times over."""
    pictures = rearrange(video.clamp(0, 1), "b c t h w -> (b t) c h w")
    return pictures.expand(-1, 3, -1, -1)


def _other_shape(path: Path, name: str, found: Tensor, wanted: str) -> ReadError:
    shape = " ".join(map(str, found.shape))
    return ReadError(f"{path} holds {name} of shape {shape}; LPIPS has {wanted}. {_WAY_OUT}")


def _normalised(features: Tensor) -> Tensor:
    return features / (features.square().sum(1, keepdim=True).sqrt() + _EPS)
