"""`coherence_loss`: the error of differences between neighbouring frames."""

from jaxtyping import Float
from torch import Tensor


def coherence_loss(error: Float[Tensor, "b c t h w"]) -> Float[Tensor, " b"]:
    """``sum_j (e[j + 1] - e[j])^2 / t``, the mean over channels and pixels; 0 for a clip of one frame.

    ``e`` is the error of the network's output. Divided by ``t``, as the mean squared error is, so that a weight means
    what it means between two plain sums. In the cosine transform over time,

        sum_j (e[j + 1] - e[j])^2 = sum_k 4 sin(pi k / (2 t))^2 E[k]^2

    with the orthonormal DCT-II ``E``: an error that is constant in time costs nothing, one that flickers up to 4 times
    its square.

    References:
        The sum over frames of "Deblurring via Video Diffusion Models", its coherence loss.
    """
    steps = error[:, :, 1:] - error[:, :, :-1]
    return steps.square().sum(2).mean((1, 2, 3)) / error.shape[2]
