import itertools
import math

import numpy as np
import pytest

import invsolve as iv
import invsolve.recipe
from invsolve.errors import ComponentError
from invsolve.schedule import CLEAN, karras_sigmas

COGVIDEOX = iv.DiscreteSchedule("scaled_linear", 0.00085, 0.012, snr_shift=3.0, zero_terminal_snr=True)
COSINE = iv.DiscreteSchedule("cosine")
SCHEDULES = [iv.DiscreteSchedule(), COGVIDEOX, COSINE, iv.VPSchedule(), iv.EDMSchedule(), iv.FlowSchedule(shift=3.0)]
SPACINGS = ["trailing", "leading", "linspace", "quadratic", "karras"]


def test_linear_betas_give_the_cumulative_product():
    expected = np.cumprod(1 - np.linspace(1e-4, 0.02, 1000))
    np.testing.assert_allclose(iv.DiscreteSchedule().alphas_cumprod, expected, rtol=1e-14)


def test_cogvideox_table():
    abar = COGVIDEOX.alphas_cumprod
    np.testing.assert_allclose(abar[[0, 1, 500]], [0.99745, 0.99480, 0.09533], atol=5e-6)
    assert abar[998] == pytest.approx(6.2e-8, rel=0.02)
    assert abar[999] == 0.0


def test_cosine_is_a_squared_cosine_but_for_its_last_step():
    def signal(t: float) -> float:
        return math.cos((t + 0.008) / 1.008 * math.pi / 2) ** 2

    abar = iv.DiscreteSchedule("cosine", timesteps=50).alphas_cumprod
    expected = [signal(t / 50) / signal(0) for t in range(1, 50)]
    np.testing.assert_allclose(abar[:-1], expected, rtol=1e-12)
    assert abar[-1] == pytest.approx(abar[-2] * 0.001, rel=1e-9)  # no beta above 0.999


@pytest.mark.parametrize("table", [(0.1, 0.2), [0.1, 0.2], np.array([0.1, 0.2])], ids=["tuple", "list", "array"])
def test_a_table_of_betas_is_taken_as_it_is(table):
    schedule = iv.DiscreteSchedule(table)
    np.testing.assert_allclose(schedule.alphas_cumprod, [0.9, 0.72], rtol=1e-15)
    assert schedule.timesteps == len(schedule.levels(2)) - 1 == 2
    assert schedule == iv.DiscreteSchedule(betas=(0.1, 0.2), timesteps=2)
    assert hash(schedule)


def test_a_table_that_was_made_for_zero_terminal_snr_ends_in_pure_noise():
    assert iv.DiscreteSchedule((0.1, 1.0)).levels(1)[0].a == 0.0


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"betas": "cosinus"}, "betas must be one of linear, scaled_linear, cosine, got 'cosinus'. Did you mean"),
        ({"betas": "squaredcos_cap_v2"}, "betas must be one of linear, scaled_linear, cosine"),
        ({"betas": None}, "betas must be one of .* got None"),
        ({"betas": ()}, r"got shape \(0,\)"),
        ({"betas": [[0.1]]}, r"got shape \(1, 1\)"),
        ({"betas": (0.1, 1.2)}, "got 1.2"),
        ({"betas": (1.0, 0.1)}, "got 1"),
        ({"betas": (0.1, math.nan)}, "got nan"),
        ({"betas": ("a",)}, "betas must be a word or numbers"),
        ({"betas": "cosine", "beta_start": 1e-3}, "beta_start has no effect on cosine betas"),
        ({"betas": (0.1,), "beta_end": 0.5}, "beta_end has no effect on tabulated betas"),
        ({"betas": (0.1, 0.2), "timesteps": 3}, "timesteps is 3, but betas has 2 entries"),
        ({"beta_end": 1.0}, "beta_end must be a finite number"),
    ],
)
def test_betas_that_are_none_say_why(fields, says):
    with pytest.raises(ComponentError, match=says):
        iv.DiscreteSchedule(**fields)


def test_a_table_of_betas_in_a_recipe():
    schedule = iv.recipe.from_data("schedule", {"use": "discrete", "betas": [0.1, 0.2]})
    assert schedule == iv.DiscreteSchedule((0.1, 0.2))
    assert iv.recipe.from_data("schedule", iv.recipe.to_data(schedule)) == schedule
    assert iv.recipe.from_data("schedule", {"use": "discrete", "betas": "cosine"}) == COSINE


def test_snr_shift_divides_the_signal_to_noise_ratio():
    plain, shifted = (iv.DiscreteSchedule(snr_shift=k).alphas_cumprod for k in (1.0, 3.0))
    np.testing.assert_allclose(shifted / (1 - shifted), plain / (1 - plain) / 3, rtol=1e-12)


@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("steps", [1, 2, 7, 50])
@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda s: type(s).__name__)
def test_levels_descend_to_the_clean_one(schedule, steps, spacing):
    levels = schedule.levels(steps, spacing)
    assert len(levels) == steps + 1
    assert levels[-1] == CLEAN
    assert all(above.sbar > below.sbar for above, below in itertools.pairwise(levels))
    assert len({level.time for level in levels[:-1]}) == steps


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda s: type(s).__name__)
def test_at_agrees_with_levels(schedule):
    for level in schedule.levels(10)[:-1]:
        again = schedule.at(level.time)
        assert (again.a, again.s) == pytest.approx((level.a, level.s), abs=1e-12)


def test_all_timesteps_are_used_at_full_length():
    for spacing in ("trailing", "leading", "linspace"):
        times = [level.time for level in iv.DiscreteSchedule().levels(1000, spacing)[:-1]]
        assert times == list(range(999, -1, -1))


def test_trailing_starts_at_the_last_timestep_and_leading_ends_at_zero():
    assert [level.time for level in iv.DiscreteSchedule().levels(4, "trailing")[:-1]] == [999, 749, 499, 249]
    assert [level.time for level in iv.DiscreteSchedule().levels(4, "leading")[:-1]] == [750, 500, 250, 0]


def test_vp_levels_keep_unit_variance():
    for level in (*iv.VPSchedule().levels(9), *COGVIDEOX.levels(9)):
        assert level.a**2 + level.s**2 == pytest.approx(1.0, abs=1e-12)


def test_vp_closed_form():
    level = iv.VPSchedule(0.1, 20.0).at(0.5)
    assert level.a**2 == pytest.approx(np.exp(-(0.1 * 0.5 + 19.9 * 0.125)), rel=1e-13)


def test_karras_grid_of_the_edm_paper():
    sigmas = karras_sigmas(18, 80.0, 0.002)
    assert (sigmas[0], sigmas[-1]) == pytest.approx((80.0, 0.002))
    np.testing.assert_allclose(np.diff(sigmas ** (1 / 7)), np.diff(sigmas ** (1 / 7))[0], rtol=1e-9)


def test_flow_shift():
    times = [level.time for level in iv.FlowSchedule(shift=3.0).levels(2)]
    assert times == pytest.approx([1.0, 0.75, 0.0])


@pytest.mark.parametrize("steps", [0, 1001])
def test_impossible_step_counts_are_refused(steps):
    with pytest.raises(ComponentError, match=str(steps)):
        iv.DiscreteSchedule().levels(steps)
