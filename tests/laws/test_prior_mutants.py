"""The kit catches every wrong prior by the law that is meant for it, and passes the sound one."""

from contextlib import suppress

import pytest

from invsolve.testing import PRIOR_LAWS, Case, LawBroken, NotApplicable
from invsolve.testing.laws import COMPONENT_LAWS
from invsolve.testing.small_prior import SmallGaussian
from tests.laws import prior_mutants as m

LAWS = {law.name: law for law in PRIOR_LAWS}
CASES = (Case(b=1, c=1, t=2, h=2, w=3), Case(b=2, c=1, t=3, h=1, w=2, dtype="float32", seed=1))

CAUGHT_BY = [
    (m.WrongLatentShape(), "latents_have_their_shape"),
    (m.DecodesInDouble(), "dtype_kept"),
    (m.DrawsWhenEncoding(), "deterministic"),
    (m.PredictsInPlace(), "input_left_unchanged"),
    (m.NormalisesOverTheBatch(), "batch_items_do_not_mix"),
    (m.PredictsOverTheBatch(), "batch_items_do_not_mix"),
    (m.SmoothsFramesSilently(), "decodes_frames_alone"),
    (m.WrongEps(), "prediction_splits_the_latent"),
    (m.WrongEps(), "parameterisations_agree"),
    (m.Detached(), "gradients_are_finite"),
    (m.RootOfZero(), "gradients_are_finite"),
    (m.HalvesLatents(), "little_noise_changes_little"),
    (m.BelievesPureNoise(), "much_noise_is_forgotten"),
    (m.BelievesPureNoise(), "without_observation_it_is_tweedie"),
    (m.ForgetsTheLatent(), "without_observation_it_is_tweedie"),
    (m.AnnouncesItsLaw(shift=0.1), "prediction_is_the_mean_of_its_law"),
    (m.WrongSpread(), "samples_follow_the_law"),
    (m.WrongCentre(), "samples_follow_the_law"),
]


@pytest.mark.parametrize(
    ("mutant", "law"), CAUGHT_BY, ids=lambda part: part if isinstance(part, str) else type(part).__name__
)
def test_the_law_meant_for_it_catches_the_mutant(mutant, law):
    with pytest.raises(LawBroken, match=f"^law '{law}' is broken") as caught:
        for case in CASES:
            LAWS[law](mutant, case)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("law", PRIOR_LAWS, ids=str)
@pytest.mark.parametrize("sound", [SmallGaussian(), m.AnnouncesItsLaw()], ids=repr)
def test_sound_priors_pass(sound, law):
    for case in CASES:
        with suppress(NotApplicable):
            law(sound, case)


def test_every_law_of_priors_has_a_mutant():
    assert {law for _, law in CAUGHT_BY} == set(LAWS) - {law.name for law in COMPONENT_LAWS}
