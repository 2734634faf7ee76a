"""The kit catches every wrong operator by the law that is meant for it, and passes the sound ones."""

import pytest

from invsolve.operator import Operator
from invsolve.testing import OPERATOR_LAWS, Law, LawBroken, NotApplicable, Sizes, installed, manifest_of, pretend
from invsolve.testing.sizes import corner_cases
from tests.laws import mutants as m
from tests.laws import nonlinear_mutants as n

pytestmark = pytest.mark.usefixtures("offered")

LAWS = {law.name: law for law in OPERATOR_LAWS}

CAUGHT_BY = [
    (m.PseudoInverseAsAdjoint(), "adjoint"),
    (m.AdjointOffByAFactor(), "adjoint"),
    (m.BorderMismatch(), "adjoint"),
    (m.WindowOffByOne(), "adjoint"),
    (m.BorderMismatch(), "dense_matrix"),
    (m.AdjointAsPseudoInverse(), "penrose"),
    (m.WrongGramSolve(), "gram_solve"),
    (m.GramSolveDividesByZeroNoise(), "gram_solve_without_noise"),
    (m.WrongProx(), "prox_is_optimal"),
    (m.WrongNorm(), "norm_is_largest_singular_value"),
    (m.LooseNorm(), "norm_is_largest_singular_value"),
    (m.WrongSpectrum(), "spectrum_rebuilds_the_operator"),
    (m.WrongOutputSpace(), "shape_as_declared"),
    (m.TooLargeInputSpace(), "spaces_agree"),
    (m.HiddenRandomness(), "deterministic"),
    (m.SeedsTheWorld(), "deterministic"),
    (m.RemembersItsFirstInput(), "deterministic"),
    (m.BatchCoupling(), "batch_items_do_not_mix"),
    (m.NeedsAnItem(), "empty_batch"),
    (m.ChangesItsInput(), "input_left_unchanged"),
    (m.DropsTheDtype(), "dtype_kept"),
    (m.DefaultDtypeConstant(), "dtype_kept"),
    (m.SinglePrecisionInside(), "linearity"),
    (m.AffinePosingAsLinear(), "linearity"),
    (m.NonlinearPosingAsLinear(), "linearity"),
    (m.HardCodedDevice(), "device_kept"),
    (m.ReadsMemoryNotStrides(), "memory_layout_does_not_matter"),
    (n.Detached(), "gradient_flows"),
    (n.InfiniteGradient(), "gradient_is_finite"),
    (n.WrongGradient(), "gradient_is_right"),
    (n.DifferentiableOnce(), "double_backward"),
    (n.CannotBePickled(), "pickling"),
    (n.EqualToNothing(), "equality"),
    (n.ReprHidesAField(gain=2.0), "repr_evaluates_back"),
    (n.TakesAnything(), "constructor_contract"),
    (n.NoRecipeCanWriteIt(), "yaml_round_trip"),
]


@pytest.fixture(scope="module")
def offered(tmp_path_factory):
    """The components under test are offered by a plugin, so that recipes can name them."""
    folder = tmp_path_factory.mktemp("plugin")
    names = [
        ("block_average", "mutants:BlockAverage"),
        ("window_average", "mutants:WindowAverage"),
        ("secret", "nonlinear_mutants:NoRecipeCanWriteIt"),
    ]
    components = [("operator", name, f"tests.laws.{target}") for name, target in names]
    with installed(folder):
        pretend(folder, "invsolve-mutants", manifest=manifest_of(*components))
        yield


@pytest.mark.parametrize(
    ("mutant", "law"), CAUGHT_BY, ids=lambda part: part if isinstance(part, str) else type(part).__name__
)
def test_the_law_meant_for_it_catches_the_mutant(mutant, law):
    message = refutation(LAWS[law], mutant)
    assert message is not None, f"{law} let {mutant!r} pass"
    assert message.startswith(f"law {law!r} is broken. {LAWS[law].sentence} {mutant!r}"), message
    assert "\n" not in message
    assert LAWS[law].once or "Case(b=" in message


@pytest.mark.parametrize("law", OPERATOR_LAWS, ids=str)
@pytest.mark.parametrize(
    "sound", [m.BlockAverage(), m.BlockAverage(factor=3), m.Blur(), m.WindowAverage(), n.Response()], ids=repr
)
def test_sound_operators_pass(sound, law):
    assert refutation(law, sound) is None


def test_every_law_has_a_mutant():
    assert {law for _, law in CAUGHT_BY} == set(LAWS)


def test_every_law_is_one_sentence():
    for law in OPERATOR_LAWS:
        assert law.sentence.endswith("."), law.name
        assert len(law.sentence) < 130, law.name


def refutation(law: Law, operator: Operator) -> str | None:
    """The message of the first case that breaks the law."""
    cases = corner_cases(operator, Sizes())
    assert cases
    for case in cases:
        try:
            law(operator, case)
        except NotApplicable:
            continue
        except LawBroken as broken:
            return str(broken)
    return None
