"""The kit catches every wrong sampler by the law that is meant for it, and passes the sound ones."""

import pytest

from invsolve.testing import LawBroken
from invsolve.testing.law import ANY_CASE
from invsolve.testing.laws import TRIAL_LAWS
from invsolve.testing.trial import Trial
from tests.laws import sampler_mutants as m

LAWS = {law.name: law for law in TRIAL_LAWS}

CAUGHT_BY = [
    (m.NormOverTheBatch(), "alone_as_in_a_batch"),
    (m.NormOverTheBatch(), "chunks_do_not_matter"),
    (m.LeaderOfTheBatch(), "order_does_not_matter"),
    (m.SharesNoiseInTheBatch(), "alone_as_in_a_batch"),
    (m.GlobalNoise(), "global_randomness_untouched"),
    (m.MovesTheGlobalGenerator(), "global_randomness_untouched"),
    (m.IgnoresTheSeed(), "seeds_count"),
    (m.SeedZeroIsNoSeed(), "seeds_count"),
    (m.RemembersInItself(), "same_seed_same_result"),
    (m.ForgetsOnResume(), "resumes_bit_for_bit"),
    (m.Diverges(), "result_is_finite"),
    (m.RecordsNothing(), "misfit_is_recorded"),
    (m.RecordsOneNumber(), "misfit_is_recorded"),
    (m.DoublePrecisionOnly(), "dtype_kept"),
    (m.NeedsMoreThanItSays(), "requirements_are_declared"),
    (m.NeedsGaussianNoiseSecretly(), "requirements_are_declared"),
]


@pytest.mark.parametrize(
    ("mutant", "law"), CAUGHT_BY, ids=lambda part: part if isinstance(part, str) else type(part).__name__
)
def test_the_law_meant_for_it_catches_the_mutant(mutant, law):
    with pytest.raises(LawBroken, match=f"^law '{law}' is broken") as caught:
        LAWS[law](Trial(mutant), ANY_CASE)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("law", TRIAL_LAWS, ids=str)
@pytest.mark.parametrize("sampler", m.sound(), ids=repr)
def test_sound_samplers_pass(sampler, law):
    for seed in range(2):
        law(Trial(sampler), ANY_CASE.at(seed=seed))


def test_every_law_of_samplers_has_a_mutant():
    assert {law for _, law in CAUGHT_BY} == set(LAWS)
