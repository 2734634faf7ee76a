"""The posterior of a frame given the next one, against dense algebra written apart from the library, in float64."""

import numpy as np
import pytest
import torch

from invsolve.testing.probing import InjectedRandomness
from invsolve_samplers.interpolation.motion import sources
from invsolve_samplers.interpolation.warp_posterior import WarpPosterior

H, W = 5, 6
SIZE = H * W


def dense_warp(flow: np.ndarray) -> np.ndarray:
    """The matrix of bilinear look-up with the edge going on, pixel by pixel."""
    matrix = np.zeros((SIZE, SIZE))
    for row in range(H):
        for column in range(W):
            y = min(max(row + flow[0, row, column], 0.0), H - 1.0)
            x = min(max(column + flow[1, row, column], 0.0), W - 1.0)
            top, left = int(np.floor(y)), int(np.floor(x))
            for i, j in ((top, left), (top, left + 1), (top + 1, left), (top + 1, left + 1)):
                share = max(0.0, 1 - abs(y - i)) * max(0.0, 1 - abs(x - j))
                if share > 0:
                    matrix[row * W + column, i * W + j] += share
    return matrix


def picture(values) -> torch.Tensor:
    return torch.as_tensor(np.asarray(values), dtype=torch.float64).reshape(1, 1, H, W)


@pytest.fixture
def case():
    numbers = np.random.default_rng(4)
    return {
        "flow": 1.5 * numbers.standard_normal((2, H, W)),
        "weight": numbers.random(SIZE) * (numbers.random(SIZE) > 0.3),  # some pixels come from the other end alone
        "shift": numbers.standard_normal(SIZE),
        "variance": 0.1 + numbers.random(SIZE),
        "centre": numbers.standard_normal(SIZE),
        "spread": 0.1 + numbers.random(SIZE),
        "following": numbers.standard_normal(SIZE),
    }


def posterior(case, **changes) -> WarpPosterior:
    case = case | changes
    flow = torch.as_tensor(case["flow"])[None]
    names = ("weight", "shift", "variance", "centre", "spread")
    return WarpPosterior(
        sources(flow), *(picture(case[name]) for name in names), case.get("solver", "conjugate_gradients")
    )


def brute_force(case) -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance by conditioning the joint law of (x, x'), not by the precision that the library uses."""
    a = np.diag(case["weight"]) @ dense_warp(case["flow"])
    prior = np.diag(case["spread"])
    gain = prior @ a.T @ np.linalg.inv(a @ prior @ a.T + np.diag(case["variance"]))
    mean = case["centre"] + gain @ (case["following"] - a @ case["centre"] - case["shift"])
    return mean, prior - gain @ a @ prior


def test_mean_against_a_brute_force_solve(case):
    found = posterior(case).mean(picture(case["following"])).flatten().numpy()
    np.testing.assert_allclose(found, brute_force(case)[0], rtol=0, atol=1e-12)


def test_precision_is_the_inverse_of_the_covariance(case):
    basis = torch.eye(SIZE, dtype=torch.float64).reshape(SIZE, 1, H, W)
    found = posterior(case).precision(basis).reshape(SIZE, SIZE).numpy()
    np.testing.assert_allclose(found @ brute_force(case)[1], np.eye(SIZE), atol=1e-12)


def test_draws_have_the_covariance(case):
    """A draw is affine in its noise: with one unit of noise at a time, the columns of a root of the covariance."""
    law, following = posterior(case), picture(case["following"]).expand(SIZE, 1, H, W)
    basis = torch.eye(SIZE, dtype=torch.float64)
    columns = []
    for number in range(2):
        drawn = law.sample(following, InjectedRandomness({(0, number): basis}))
        columns.append((drawn - law.mean(following)).reshape(SIZE, SIZE).numpy())
    root = np.concatenate(columns)
    np.testing.assert_allclose(root.T @ root, brute_force(case)[1], atol=1e-11)


@pytest.mark.parametrize("solver", ["conjugate_gradients", "diagonal"])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_the_notebooks_closed_form_with_its_weights_put_right(case, share, solver):
    """An orthogonal warp (pixels exchanged within rows) and no mask: weights v' and (1 - l) v, not the other way."""
    flow = np.zeros((2, H, W))
    flow[1, :, 0::2], flow[1, :, 1::2] = 1.0, -1.0
    warp = dense_warp(flow)
    np.testing.assert_array_equal(warp.T @ warp, np.eye(SIZE))
    v, ahead = 0.3, 0.7
    ones = np.ones(SIZE)
    law = posterior(case, flow=flow, weight=(1 - share) * ones, variance=ahead * ones, spread=v * ones, solver=solver)
    pulled = warp.T @ (case["following"] - case["shift"])
    scale = (1 - share) ** 2 * v + ahead
    expected = (ahead * case["centre"] + (1 - share) * v * pulled) / scale
    found = law.mean(picture(case["following"])).flatten().numpy()
    np.testing.assert_allclose(found, expected, atol=1e-14)
    swapped = (v * case["centre"] + (1 - share) * ahead * pulled) / scale
    assert np.abs(found - swapped).max() > 0.1
    unit = law.sample(
        picture(case["following"]), InjectedRandomness({(0, 0): torch.ones(1, SIZE, dtype=torch.float64)})
    )
    if solver == "diagonal":
        np.testing.assert_allclose(unit.flatten().numpy() - found, np.sqrt(ahead * v / scale), atol=1e-14)


def test_limits(case):
    """No noise ahead: what was seen, taken back; much noise, or no weight: the prior."""
    following, ones = picture(case["following"]), np.ones(SIZE)
    flow = np.zeros((2, H, W))
    flow[1, :, 0::2], flow[1, :, 1::2] = 1.0, -1.0
    sharp = posterior(case, flow=flow, weight=0.6 * ones, variance=1e-14 * ones).mean(following)
    expected = dense_warp(flow).T @ (case["following"] - case["shift"]) / 0.6
    np.testing.assert_allclose(sharp.flatten().numpy(), expected, atol=1e-12)
    for change in ({"variance": 1e14 * ones}, {"weight": 0 * ones}):
        np.testing.assert_allclose(
            posterior(case, **change).mean(following).flatten().numpy(), case["centre"], atol=1e-12
        )


def test_masked_pixels_keep_their_prior(case):
    """W = I: where the mask is 0 the prior stays, elsewhere the scalar formula holds."""
    mask = (np.arange(SIZE) % 3 > 0).astype(float)
    law = posterior(case, flow=np.zeros((2, H, W)), weight=0.5 * mask)
    found = law.mean(picture(case["following"])).flatten().numpy()
    precision = 0.25 * mask / case["variance"] + 1 / case["spread"]
    pulled = 0.5 * mask * (case["following"] - case["shift"]) / case["variance"] + case["centre"] / case["spread"]
    np.testing.assert_allclose(found, pulled / precision, atol=1e-14)
    np.testing.assert_allclose(found[mask == 0], case["centre"][mask == 0], atol=1e-14)


def test_the_diagonal_solver_is_an_approximation(case):
    """Near, not equal, where the warp mixes pixels."""
    exact = posterior(case).mean(picture(case["following"]))
    near = posterior(case, solver="diagonal").mean(picture(case["following"]))
    assert 1e-3 < float((near - exact).abs().max()) < 1.0
