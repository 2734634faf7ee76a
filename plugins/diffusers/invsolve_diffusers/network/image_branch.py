"""`ImageBranch`: how TF-T2V sees a video of pictures: channels beside its latent, and tokens beside its text."""

from collections.abc import Mapping
from typing import Final, final

from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

HEADS: Final = 2
PARTS: Final = ("local_image_embedding", "local_image_embedding_after", "pre_image_condition")


@final
class ImageBranch(nn.Module):
    """The parts of the original network that its text-to-video part leaves unused, under their original names.

    References:
        `UNetSD_TFT2V` in ali-vilab/VGen (its compositions ``local_image`` and ``image``).
    """

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        super().__init__()
        wide, out = len(tensors["local_image_embedding.0.weight"]), len(tensors["local_image_embedding.5.weight"])
        self.local_image_embedding = nn.Sequential(
            nn.Conv2d(3, wide, 3, padding=1),
            nn.SiLU(),
            nn.Identity(),  # pools to half the size, which depends on the pictures
            nn.Conv2d(wide, wide, 3, stride=2, padding=1),
            nn.SiLU(),
            nn.Conv2d(wide, out, 3, stride=2, padding=1),
        )
        depth = sum(name.endswith(".fn.to_qkv.weight") for name in tensors)
        self.local_image_embedding_after = _Layers(out, depth)
        told, more = tensors["pre_image_condition.0.weight"].shape[1], len(tensors["pre_image_condition.2.weight"])
        self.pre_image_condition = nn.Sequential(nn.Linear(told, told), nn.SiLU(), nn.Linear(told, more))
        self.load_state_dict(dict(tensors))

    def channels(self, video: Float[Tensor, "b 3 t h w"]) -> Float[Tensor, "b c t h8 w8"]:
        """What is concatenated with the latent, from pictures in [0, 1] eight times its size."""
        *_, height, width = video.shape
        pictures = rearrange(video, "b c t h w -> (b t) c h w")
        made = nn.functional.adaptive_avg_pool2d(self.local_image_embedding[:2](pictures), (height // 2, width // 2))
        made = self.local_image_embedding[3:](made)
        rows = made.shape[2]
        made = self.local_image_embedding_after(rearrange(made, "(b t) c h w -> (b h w) t c", b=len(video)))
        found: Tensor = rearrange(made, "(b h w) t c -> b c t h w", b=len(video), h=rows)
        return found

    def tokens(self, embedding: Float[Tensor, "b d"]) -> Float[Tensor, "b k d"]:
        """What is appended to the text, from the CLIP embedding of a picture."""
        found: Tensor = rearrange(self.pre_image_condition(embedding), "b (k d) -> b k d", d=embedding.shape[1])
        return found


class _Layers(nn.Module):
    """Attention over time and a feed-forward layer, each added to its input, so many times."""

    def __init__(self, width: int, depth: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.ModuleList([_Normed(width), _FeedForward(width)]) for _ in range(depth))

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            attention, feed = layer.children()
            x = attention(x)
            x = feed(x) + x
        return x


class _Normed(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.fn = _Attention(width)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.fn(self.norm(x))
        return made + x


class _Attention(nn.Module):
    """`HEADS` heads, each as wide as the input."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.to_qkv = nn.Linear(width, 3 * HEADS * width, bias=False)
        self.to_out = nn.Sequential(nn.Linear(HEADS * width, width), nn.Dropout(0.0))

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = rearrange(self.to_qkv(x), "n t (three h d) -> three n h t d", three=3, h=HEADS)
        made = nn.functional.scaled_dot_product_attention(q, k, v)
        found: Tensor = self.to_out(rearrange(made, "n h t d -> n t (h d)"))
        return found


class _FeedForward(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Sequential(nn.Linear(width, 4 * width), nn.GELU()), nn.Dropout(0.0), nn.Linear(4 * width, width)
        )

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.net(x)
        return made
