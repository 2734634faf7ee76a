"""Pages read back by a parser, and small runs to make pages of."""

import base64
import io
from html.parser import HTMLParser

import torch
from PIL import Image

from invsolve.report.content import RunContent
from invsolve.video.space import VideoSpace

LOADING = {"src", "srcset", "poster", "data", "background", "action", "formaction", "xlink:href", "href"}


class Page(HTMLParser):
    """Elements of a page as ``(tag, attributes)``, and its texts, whose entities are resolved."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements, self.texts, self.scripts, self.open = [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        if self.open and self.open[-1] == "script":
            self.scripts.append(data)
        elif not (self.open and self.open[-1] == "style"):
            self.texts.append(data)

    def all(self, tag, cls=""):
        found = [attrs for name, attrs in self.elements if name == tag]
        return [attrs for attrs in found if not cls or cls in (attrs.get("class") or "").split(" ")]

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())

    @property
    def loaded(self):
        """What a browser would fetch for this page: every address that is not within it."""
        found = [value for _, attrs in self.elements for name, value in attrs.items() if name in LOADING and value]
        return [address for address in found if not address.startswith(("data:", "#"))]

    @property
    def pictures(self):
        """The pictures that are held in the page, decoded, by their descriptions."""
        found = {}
        for attrs in self.all("img"):
            kind, _, content = attrs["src"].partition(",")
            assert kind.startswith("data:image/") and kind.endswith(";base64")
            picture = Image.open(io.BytesIO(base64.b64decode(content)))
            picture.load()
            found[attrs["alt"]] = picture
        return found


def rand(*shape, seed=0):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


def content(video=None, observed=None, truth=None, *, reversible=False, **changes):
    """A run of 4 samples of a clip of 5 frames of 12 x 16 pixels, unless it is told otherwise."""
    video = rand(4, 1, 3, 5, 12, 16) if video is None else video
    observed = video[0, :, :, :1] if observed is None else observed
    given = {
        "facts": {
            "invsolve": "9.9",
            "recipe": {"name": "small", "label": "seed=3", "hash8": "12345678", "file": "small.yaml"},
            "seed": 3,
            "session_seconds": 1.5,
            "input": {"name": "a clip"},
            "command": ["invsolve", "run", "small.yaml"],
        },
        "values": {"psnr": [20.0] * len(video), "psnr_mean": 21.0, "psnr_observed": 18.0},
        "samples": tuple(range(len(video))),
        "space": VideoSpace.of(video[0], frame_rate=10.0),
        "observed_space": VideoSpace.of(observed),
        "truth_space": None if truth is None else VideoSpace.of(truth),
        "chi_square": torch.ones(video.shape[:2]),
        "reversible": torch.tensor([reversible] * video.shape[1]),
        "remarks": (),
        "trace": {"misfit": rand(6, len(video), video.shape[1])},
        "written": "recipe: 1\n",
        "resolved": "operator: {use: temporal_average, frames: 5}\nnoise: {use: gaussian, std: 0.02}\n",
        "references": ("@article{a1, title={A {T}itle}, author={Gauss, Carl and Noether, Emmy}, year={1918}}",),
        "log": "began\n",
    }
    return RunContent(video=video, observed=observed, truth=truth, **(given | changes))
