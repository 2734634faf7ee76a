"""Laws of every `Prior`: shapes, consistent predictions, items that do not mix, limits."""

from functools import partial
from typing import Final

import torch

from invsolve.prior import Prior, TractablePrior
from invsolve.prior.prediction import Prediction
from invsolve.schedule import NoiseLevel
from invsolve.testing.case import Case
from invsolve.testing.law import NotApplicable, require
from invsolve.testing.laws.gap import close_to, relative_gap
from invsolve.testing.laws.global_randomness import kept_random_state, random_state, seed_globally
from invsolve.testing.laws.levels import noisy_levels
from invsolve.testing.laws.tractable import prior_draw

LARGEST_EPS: Final = 10.0  # root mean square of a noise estimate of a latent that the prior believes in
UNIT: Final = 1e-6  # how exactly a^2 + s^2 = 1 marks a variance-preserving level


def latents_have_their_shape(prior: Prior, case: Case) -> None:
    """`encode` and `predict` give the shape that `latent_shape` declares, `decode` the video's."""
    video = case.video()
    declared = (case.b, *prior.latent_shape(case.space))
    z = prior.encode(video)
    require(tuple(z.shape) == declared, f"encode gives {tuple(z.shape)}, latent_shape declares {declared}.")
    back = prior.decode(z)
    require(back.shape == video.shape, f"decode gives {tuple(back.shape)} for videos of {tuple(video.shape)}.")
    for level in noisy_levels(prior):
        prediction = prior.predict(z, level)
        for name, part in (("z0", prediction.z0), ("eps", prediction.eps)):
            require(part.shape == z.shape, f"predict's {name} has shape {tuple(part.shape)}, the latent {declared}.")


def dtype_kept(prior: Prior, case: Case) -> None:
    """`encode`, `decode` and `predict` keep the dtype of their input."""
    z = prior.encode(case.video())
    level = noisy_levels(prior)[0]
    prediction = prior.predict(z, level)
    parts = (("encode", z), ("decode", prior.decode(z)), ("z0", prediction.z0), ("eps", prediction.eps))
    for name, part in parts:
        require(part.dtype == case.torch_dtype, f"{name} is {part.dtype} for an input of {case.torch_dtype}.")


def deterministic(prior: Prior, case: Case) -> None:
    """`encode`, `decode` and `predict` give the same bits twice and leave global random generators alone."""
    z = latent(prior, case)
    level = noisy_levels(prior)[0]
    with kept_random_state():
        seed_globally(1)
        before = random_state()
        first = (prior.encode(case.video()), prior.decode(z), prior.predict(z, level).z0)
        require(random_state() == before, "it moved a global random generator.")
        seed_globally(2)
        second = (prior.encode(case.video()), prior.decode(z), prior.predict(z, level).z0)
    for name, one, two in zip(("encode", "decode", "predict"), first, second, strict=True):
        require(torch.equal(one, two), f"two calls of {name} differ by up to {float((one - two).abs().max()):.3g}.")


def input_left_unchanged(prior: Prior, case: Case) -> None:
    """`encode`, `decode` and `predict` leave their input tensor unchanged."""
    video, z = case.video(), latent(prior, case)
    kept = video.clone(), z.clone()
    prior.encode(video)
    prior.decode(z)
    prior.predict(z, noisy_levels(prior)[0])
    require(torch.equal(video, kept[0]), "encode changed its input in place.")
    require(torch.equal(z, kept[1]), "decode or predict changed its input in place.")


def batch_items_do_not_mix(prior: Prior, case: Case) -> None:
    """Each item of a batch has the latent, the video and the prediction that it has alone."""
    case = case.at(b=3)
    z = latent(prior, case) * torch.tensor([1.0, 3.0, 0.1], dtype=case.torch_dtype).reshape(3, 1, 1, 1, 1)
    video = case.video()
    maps = [("encode", prior.encode, video), ("decode", prior.decode, z)]
    maps += [("predict", partial(_clean, prior, level), z) for level in noisy_levels(prior)]
    for name, apply, given in maps:
        together = apply(given)
        for i in range(3):
            gap = relative_gap(together[i : i + 1], apply(given[i : i + 1]))
            require(gap < 10 * close_to(case), f"{name} of item {i} of 3 changes by {gap:.3g} (relative) when alone.")


def decodes_frames_alone(prior: Prior, case: Case) -> None:
    """If the prior claims to decode frames alone, chunks of frames decode to chunks of the video."""
    if not prior.decodes_frames_alone:
        raise NotApplicable("it does not say that it decodes frames alone")
    z = latent(prior, case)
    whole = prior.decode(z)
    parts = torch.cat([prior.decode(z[:, :, i : i + 1]) for i in range(z.shape[2])], dim=2)
    gap = relative_gap(parts, whole)
    require(gap < 10 * close_to(case), f"frame by frame the video differs by {gap:.3g} (relative).")


def prediction_splits_the_latent(prior: Prior, case: Case) -> None:
    """The two estimates explain the latent that kernels step from: ``z = a z0 + s eps``."""
    z = latent(prior, case)
    for level in noisy_levels(prior):
        prediction = prior.predict(z, level)
        gap = relative_gap(level.a * prediction.z0 + level.s * prediction.eps, prediction.start(z))
        require(gap < 100 * close_to(case), f"a z0 + s eps differs from z by {gap:.3g} (relative) at {level}.")


def parameterisations_agree(prior: Prior, case: Case) -> None:
    """Noise, v, flow and score parameterisations of its prediction give the same clean estimate."""
    for level in noisy_levels(prior):
        z = latent(prior, case)
        found = prior.predict(z, level)
        z = found.start(z)
        v = level.a * found.eps - level.s * found.z0
        forms: dict[str, Prediction] = {}
        if level.a > 0:
            forms["noise"] = Prediction.from_eps(z, found.eps, level)
            forms["score"] = Prediction.from_score(z, -found.eps / level.s, level)
        if abs(level.a**2 + level.s**2 - 1) < UNIT:
            forms["v"] = Prediction.from_v(z, v, level)
        if abs(level.a + level.s - 1) < UNIT:
            forms["flow"] = Prediction.from_flow(z, found.eps - found.z0, level)
        # Dividing by a small a magnifies the rounding of eps.
        rounding = 100 * close_to(case) * (1 + level.sbar if level.a > 0 else 1)
        for name, form in forms.items():
            gap = float((form.z0 - found.z0).norm() / (found.z0.norm() + z.norm()))
            require(gap < rounding, f"as {name} prediction z0 differs by {gap:.3g} (relative) at {level}.")


def gradients_are_finite(prior: Prior, case: Case) -> None:
    """`predict` and `decode` carry finite gradients back to the latent at every level."""
    for level in noisy_levels(prior):
        z = latent(prior, case).requires_grad_()
        video = prior.decode(prior.predict(z, level).z0)
        require(video.requires_grad, f"the decoded clean estimate carries no gradient at {level}.")
        (gradient,) = torch.autograd.grad(video.square().sum(), z)
        require(bool(torch.isfinite(gradient).all()), f"a gradient is NaN or infinite at {level}.")


def little_noise_changes_little(prior: Prior, case: Case) -> None:
    """At the least noisy level a likely latent keeps its place: ``z0`` is within some ``s`` of it."""
    clean = believed(prior, case)
    level = noisy_levels(prior)[-1]
    z = level.a * clean + level.s * case.normal_like(tuple(clean.shape), 7)
    found = prior.predict(z, level).z0
    distance = float((found - clean).square().mean().sqrt())
    require(
        distance <= LARGEST_EPS * level.sbar,
        f"z0 is {distance:.3g} (root mean square) away at {level}, where noise moves a latent by {level.sbar:.3g}.",
    )


def _clean(prior: Prior, level: NoiseLevel, z: torch.Tensor) -> torch.Tensor:
    return prior.predict(z, level).z0


def latent(prior: Prior, case: Case) -> torch.Tensor:
    """A standard normal latent for the videos of a case."""
    return case.normal_like((case.b, *prior.latent_shape(case.space)), 6)


def believed(prior: Prior, case: Case) -> torch.Tensor:
    """A latent that the prior finds likely: a draw of a tractable prior, otherwise an encoded video."""
    if isinstance(prior, TractablePrior):
        return prior_draw(prior, case).to(case.torch_dtype)
    return prior.encode(case.video())
