"""`DISFlow`: dense inverse search, by OpenCV."""

from typing import Any, ClassVar, Literal, final

import attrs
import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import CapabilityError
from invsolve.motion.optical_flow import Flow
from invsolve.validators import literal, optional, whole
from invsolve_samplers.optical_flow.still import StillFlow

Preset = Literal["ultrafast", "fast", "medium"]
LEAST = 16  # pixels along each side: dense inverse search compares patches of 8 on a pyramid


@final
@attrs.frozen
class DISFlow(Flow):
    """Optical flow by dense inverse search on the pictures' brightness: no network, some 0.1 s for 480 x 270 pixels.

    Patches of the first picture are found in the second by gradient descent from coarse to fine, joined, and refined
    by a variational method. Brightness is the mean over channels in 8 bits. In pictures of less than 16 x 16 pixels
    there is nothing to search, and nothing moves.

    Attributes:
        preset: ``ultrafast``, ``fast`` or ``medium``.
        finest_scale: the finest level of the pyramid, ``2^-finest_scale`` of the picture's size; None takes the
            preset's (1 or 2). 0, the picture itself, is four times as slow and finds small motion better.

    Raises:
        CapabilityError: where OpenCV is not installed.

    References:
        Kroeger, Timofte, Dai and Van Gool 2016; the code is OpenCV's ``DISOpticalFlow``.

    Examples:
        ```python
        DISFlow(preset="medium", finest_scale=0)
        ```

        ```yaml
        sampler: {use: normalised_bidirectional_warp, flow: {use: dis, preset: medium, finest_scale: 0}}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{kroeger2016fast,\n"
        "  title = {Fast Optical Flow using Dense Inverse Search},\n"
        "  author = {Kroeger, Till and Timofte, Radu and Dai, Dengxin and Van Gool, Luc},\n"
        "  booktitle = {European Conference on Computer Vision},\n  year = {2016}\n}",
    )

    preset: Preset = attrs.field(default="medium", validator=literal(Preset))
    finest_scale: int | None = attrs.field(default=0, validator=optional(whole(least=0)))

    def between(
        self, first: Float[Tensor, "b c h w"], second: Float[Tensor, "b c h w"]
    ) -> tuple[Float[Tensor, "b 2 h w"], Float[Tensor, "b 2 h w"]]:
        """Search in both directions."""
        if min(first.shape[-2:]) < LEAST:
            return StillFlow().between(first, second)
        search = self._search()
        pairs = [(_brightness(one), _brightness(other)) for one, other in zip(first, second, strict=True)]
        forward = np.stack([search.calc(one, other, None) for one, other in pairs])
        backward = np.stack([search.calc(other, one, None) for one, other in pairs])
        # OpenCV keeps h w (x, y)
        flows = [np.ascontiguousarray(flow[..., ::-1].transpose(0, 3, 1, 2)) for flow in (forward, backward)]
        return torch.from_numpy(flows[0]).to(first), torch.from_numpy(flows[1]).to(first)

    def _search(self) -> Any:
        try:
            import cv2
        except ImportError as error:
            raise CapabilityError(
                "flow {use: dis} needs OpenCV, which is not installed: `pip install 'invsolve[flow]'` (that is "
                "opencv-python-headless). Without it: flow {use: file}, with flows from another program, or "
                "{use: still}."
            ) from error
        presets = {
            "ultrafast": cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST,
            "fast": cv2.DISOPTICAL_FLOW_PRESET_FAST,
            "medium": cv2.DISOPTICAL_FLOW_PRESET_MEDIUM,
        }
        search = cv2.DISOpticalFlow.create(presets[self.preset])
        if self.finest_scale is not None:
            search.setFinestScale(self.finest_scale)
        return search


def _brightness(picture: Float[Tensor, "c h w"]) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    grey = (255 * picture.detach().mean(0)).round().clamp(0, 255)
    pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]] = grey.to(torch.uint8).cpu().numpy()
    return pixels
