"""What a part returns is looked at where the core takes it: the part, its distribution and both shapes are named."""

from typing import final

import attrs
import pytest
import torch

import invsolve as iv
from invsolve.errors import BrokenPlugin, RunFailed
from invsolve.media.reader import ReadContext, Reader, read_from
from invsolve.metrics.measured import measured
from invsolve.metrics.metric import Metric
from invsolve.metrics.reconstruction import Reconstruction
from invsolve.motion.optical_flow import Flow, flows_between
from invsolve.noise import GaussianNoise, Noise
from invsolve.problem import DecoderTrace
from invsolve.testing.pretend import installed, manifest_of, pretend
from invsolve.training import Task
from invsolve_priors.training.loop import Course, train
from invsolve_priors.training.optimisation import Optimisation
from invsolve_priors.training.processes import Processes
from invsolve_samplers import DDIMKernel, Diffusion, Direct, ExactGuidance, HeunKernel
from tests.core.parts import StandardNormal, Walk
from tests.plugins.misbehaving import (
    SAID,
    WRONG,
    BadKernel,
    BadNoise,
    BadOperator,
    BadPrior,
    BadRule,
    BadSampler,
    BadTractable,
    Y,
)


def solved(prior=None, operator=None, noise=None, sampler=None):
    problem = iv.Problem(operator or BadOperator(), Y, prior or StandardNormal(), noise or GaussianNoise(0.1))
    return iv.solve(problem, sampler or Walk(steps=3), seed=0)


def test_parts_that_keep_to_their_contracts_run_through():
    rule = Diffusion(kernel=DDIMKernel(), guidance=BadRule(), steps=3)
    assert solved(BadPrior(), BadOperator(), BadNoise(), rule).outcome is iv.Outcome.DONE
    assert solved(BadPrior(), BadOperator(), BadNoise(), BadSampler("")).outcome is iv.Outcome.DONE


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("part", ["prior", "operator", "rule", "kernel", "sampler"])
def test_wrong_shapes_types_and_none_are_named(part, wrong):
    cases = {
        "prior": [
            ({"prior": BadPrior("decode", wrong)}, "BadPrior.decode", ""),
            ({"prior": BadPrior("z0", wrong)}, "BadPrior.predict", "z0 of "),
            ({"prior": BadPrior("eps", wrong)}, "BadPrior.predict", "eps of "),
        ],
        "operator": [
            ({"operator": BadOperator(method, wrong)}, f"BadOperator.{method}", "") for method in ("forward", "adjoint")
        ]
        + [({"noise": BadNoise("standard_deviation", wrong)}, "BadNoise.standard_deviation", "")],
        "rule": [
            ({"sampler": Diffusion(guidance=BadRule(field, wrong), steps=2)}, "BadRule.step", f"{field} of ")
            for field in ("z", "eps")
        ],
        "kernel": [
            ({"sampler": Diffusion(kernel=BadKernel(wrong), guidance=BadRule(), steps=2)}, "BadKernel.step", "")
        ],
        "sampler": [({"sampler": BadSampler("estimate", wrong)}, "BadSampler.estimate", "")],
    }
    for parts, method, field in cases[part]:
        with pytest.raises(BrokenPlugin) as refused:
            solved(**parts)
        assert str(refused.value).startswith(f"{method} of tests {SAID[wrong].format(field=field)}"), parts


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"prior": BadPrior("latent_shape", (3, 16, 16))}, r"BadPrior.latent_shape of tests returned \(3, 16, 16\)"),
        ({"prior": BadPrior("predict", (1, 2))}, "BadPrior.predict of tests returned a tuple, expected Prediction"),
        ({"operator": BadOperator("output_space")}, "BadOperator.output_space of tests returned None, expected Video"),
        ({"operator": BadOperator("input_space")}, "BadOperator.input_space of tests returned 5, expected VideoSpace"),
        ({"noise": BadNoise("nan")}, "standard_deviation of tests returned NaN or less than 0 for 768 of 768 values"),
        (
            {"noise": BadNoise("negative_log_likelihood")},
            r"negative_log_likelihood of tests returned \(\), expected \(1",
        ),
        ({"sampler": BadSampler("step")}, r"BadSampler.step of tests returned a Tensor, expected a tuple \(state, rec"),
        (
            {"sampler": BadSampler("record")},
            "BadSampler.step of tests returned 'misfit' of its record as 0.0, expected",
        ),
        ({"sampler": Diffusion(guidance=BadRule("info", None), steps=2)}, "BadRule.step .* returned a record, None"),
        ({"sampler": Diffusion(guidance=BadRule("misfit"), steps=2)}, "BadRule.step .* 'misfit' of its record as 0.5"),
    ],
)
def test_other_things_returned_are_named(parts, said):
    with pytest.raises(BrokenPlugin, match=said):
        solved(**parts)


@pytest.mark.parametrize("wrong", WRONG)
def test_closed_forms_are_looked_at(wrong):
    late = Diffusion(kernel=DDIMKernel(), guidance=ExactGuidance(), steps=2, start=0.5)
    for parts, method, field in (
        ({"operator": BadOperator("pseudo_inverse", wrong), "sampler": late}, "BadOperator.pseudo_inverse", ""),
        ({"prior": BadTractable("mean", wrong), "sampler": late}, "BadTractable.conditional", "a law with the mean "),
        (
            {"prior": BadTractable("draw", wrong), "sampler": Direct()},
            "BadTractable.conditional",
            "a law with the draw ",
        ),
    ):
        with pytest.raises(BrokenPlugin) as refused:
            solved(**parts)
        assert str(refused.value).startswith(f"{method} of tests {SAID[wrong].format(field=field)}"), parts
    with pytest.raises(BrokenPlugin, match=r"BadTractable.conditional of tests returned 5, expected Conditional"):
        solved(prior=BadTractable("itself"), sampler=Direct())


def test_encoders_and_corrections_are_looked_at():
    problem = iv.Problem(iv.Identity(), Y, BadPrior("encode", "one number"))
    with pytest.raises(
        BrokenPlugin, match=r"BadPrior.encode of tests returned \(1, 1, 1, 1, 1\), expected \(1, 3, 1, 16"
    ):
        problem.encode(Y)
    assert solved(sampler=Diffusion(kernel=HeunKernel(), guidance=BadRule(), steps=3)).outcome is iv.Outcome.DONE


def test_a_noise_that_loses_its_spread_later_does_not_finish():
    @final
    @attrs.frozen
    class Late(Noise):
        """No number where a mean is not grey."""

        def sample(self, mean, rng):
            return mean

        def negative_log_likelihood(self, y, mean):
            return GaussianNoise(0.1).negative_log_likelihood(y, mean)

        def standard_deviation(self, mean):
            return torch.where(mean == 0.5, 0.1, torch.nan).to(mean)

    with pytest.raises(RunFailed, match=r"cannot be judged.*Late\.standard_deviation") as failed:
        solved(noise=Late())
    assert failed.value.solution.outcome is iv.Outcome.UNJUDGED
    assert bool(torch.isfinite(failed.value.solution.video).all())


@final
@attrs.frozen
class BadMetric(Metric):
    """Values that are none."""

    values: object

    def evaluate(self, reconstruction):
        return self.values


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (None, "None, expected a mapping"),
        ({"a": torch.zeros(())}, "'a' as a Tensor, expected a number, or a list"),
        ({"a": [1.0, None]}, "'a' with None"),
        ({"a": [1.0]}, "'a' as 1 numbers, expected one for each of 2 samples"),
        ({3: 1.0}, "a value under the name 3, expected a text"),
    ],
)
def test_values_of_metrics_are_looked_at(values, said):
    video = torch.rand(2, *Y.shape)
    space = iv.VideoSpace.of(Y)
    found = Reconstruction(
        video=video, space=space, observation=Y, observation_space=space, operator=iv.Identity(), noise=GaussianNoise()
    )
    assert measured((BadMetric({"a": 1.0, "b": [1.0, 2]}),), found) == {"a": 1.0, "b": [1.0, 2]}
    with pytest.raises(BrokenPlugin, match=f"BadMetric.evaluate of tests returned {said}"):
        measured((BadMetric(values),), found)


def test_a_reader_returns_a_recording():
    class Silent(Reader):
        def read(self, context):
            return None

    with pytest.raises(BrokenPlugin, match=r"Silent\.read of tests returned None, expected Recording"):
        read_from(Silent(), ReadContext())


def test_flows_are_looked_at():
    class Still(Flow):
        def __init__(self, found):
            self.found = found

        def between(self, first, second):
            return self.found

    picture = torch.rand(1, 3, 4, 5)
    right = torch.zeros(1, 2, 4, 5)
    assert flows_between(Still((right, right)), picture, picture)[1] is right
    for found, said in (
        (right, "a Tensor, expected two flows"),
        ((right, right[:, :1]), r"the second of \(1, 1, 4, 5\), expected \(1, 2, 4, 5\)"),
        ((None, right), "the first of None, expected a tensor"),
    ):
        with pytest.raises(BrokenPlugin, match=f"Still.between of tests returned {said}"):
            flows_between(Still(found), picture, picture)


class BadTask(Task):
    """Learns nothing."""

    def __init__(self, method="", wrong=None):
        self.method, self.wrong = method, wrong

    def spoiled(self, method, right):
        return self.wrong if method == self.method else right

    def network(self, seed):
        return self.spoiled("network", torch.nn.Linear(1, 1))

    def loss(self, network, seed, step, shard):
        return self.spoiled("loss", network(torch.ones(1)).sum())

    def measure(self, network):
        return self.spoiled("measure", {"error": 1.0})

    def sheet(self, network):
        return self.spoiled("sheet", torch.zeros(3, 2, 2))

    def write(self, network, path, facts):
        path.write_text("")


@pytest.mark.parametrize(
    ("method", "wrong", "said"),
    [
        ("network", None, "None, expected Module"),
        ("loss", torch.zeros(2), r"\(2,\), expected one number"),
        ("loss", None, "None, expected one number"),
        ("measure", None, "None, expected a mapping"),
        ("measure", {"error": None}, "'error' as None, expected a number"),
        ("sheet", torch.zeros(2, 2), r"\(2, 2\), expected a picture"),
    ],
)
def test_what_a_training_task_returns_is_looked_at(tmp_path, method, wrong, said):
    course, optimisation = Course(steps=1, measure_every=1, sheet_every=1), Optimisation(rate=1e-3)
    arguments = {"seed": 0, "recipe": "", "processes": Processes.joined("cpu")}
    train(BadTask(), course, optimisation, folder=tmp_path / "right", **arguments)
    with pytest.raises(BrokenPlugin, match=f"BadTask.{method} of tests returned {said}"):
        train(BadTask(method, wrong), course, optimisation, folder=tmp_path / "wrong", **arguments)


def test_the_distribution_is_named(tmp_path):
    source = """
import attrs
import invsolve as iv
from typing import final

@final
@attrs.frozen
class Crooked(iv.Operator):
    '''Crooked.'''

    def forward(self, x):
        return x[..., :-1]
"""
    manifest = manifest_of(("operator", "crooked", "crooked_parts:Crooked"))
    with installed(tmp_path):
        pretend(tmp_path, "invsolve-crooked", manifest=manifest, modules={"crooked_parts.py": source})
        from crooked_parts import Crooked

        decoder = iv.Problem(iv.Identity(), Y, StandardNormal()).trace_decoder(Y)
        assert isinstance(decoder, DecoderTrace)
        decoder.operator = Crooked()
        with pytest.raises(
            BrokenPlugin, match=r"^Crooked.forward of invsolve-crooked returned \(1, 3, 1, 16, 15\), exp"
        ):
            _ = decoder.residual
