"""Arguments of the wrong kind are refused in one sentence, before any work, and never from inside torch.

Under pytest every annotation is enforced, which no user has: the cases run in an interpreter of their own.
"""

import subprocess
import sys

import pytest

SETUP = """
import numpy as np, torch, attrs
import invsolve as iv
from tests.core.parts import Halve, StandardNormal
from tests.core.test_loop import Walk
Y = torch.rand(2, 3, 4, 5, 6)
P = lambda **other: iv.Problem(**({"operator": Halve(), "observation": Y, "prior": StandardNormal()} | other))
S = lambda **other: iv.solve(P(), Walk(), **({"seed": 0} | other))
"""

CASES = {
    "P(operator='halve')": "ComponentError: the operator of a problem must be an Operator, got 'halve'. Names belong",
    "P(operator=Halve)": "ComponentError: the operator of a problem must be an Operator, got the class Halve. Make",
    "P(operator=[Halve()])": "ComponentError: the operator of a problem must be an Operator, got a list.",
    "P(observation=Y.numpy())": "ComponentError: the observation must be a Tensor, got a ndarray. Write torch.from_nu",
    "P(observation=None)": "ComponentError: the observation must be a Tensor, got None.",
    "P(observation=Y[0])": "SpaceError: the observation has shape (3, 4, 5, 6), expected the five axes b c t h w",
    "P(observation=Y[:0])": "SpaceError: the observation has shape (0, 3, 4, 5, 6), expected the five axes b c t h w",
    "P(observation=Y.half())": "ComponentError: the observation must be float32 or float64 in [0, 1], got torch.floa",
    "P(prior=StandardNormal)": "ComponentError: the prior of a problem must be a Prior, got the class StandardNormal.",
    "P(noise=0.01)": "ComponentError: the noise of a problem must be a Noise, got 0.01.",
    "P(space=(3, 4, 5, 12))": "ComponentError: the space of a problem must be a VideoSpace, got a tuple.",
    "P(condition='text')": "ComponentError: the condition of a problem must be a Tensor, got 'text'.",
    "iv.GaussianNoise(std='0.1')": "ComponentError: GaussianNoise.std must be a finite number > 0, got '0.1'.",
    "iv.solve(Walk(), P(), seed=0)": "ComponentError: the first argument of solve must be a Problem, got a Walk.",
    "iv.solve(P(), Walk, seed=0)": "ComponentError: the second argument of solve must be a Sampler, got the class",
    "S(seed=1.5)": "ComponentError: seed must be a whole number from 0, got 1.5.",
    "S(seed=-1)": "ComponentError: seed must be a whole number from 0, got -1.",
    "S(samples=2.0)": "ComponentError: samples must be a whole number from 1, got 2.0.",
    "S(samples=[0.5])": "ComponentError: samples must be a count or sample numbers; each must be a whole number",
    "S(chunk=1.5)": "ComponentError: chunk must be a whole number from 1, got 1.5.",
    "S(time_limit=-1)": "ComponentError: time_limit must be a number of seconds from 0, got -1.",
    "S(observers=[print])": "ComponentError: an observer must be an Observer, got a builtin_function_or_method.",
    "S(seed=np.int64(3), samples=np.int64(2), chunk=np.int64(1))": "fine",
    "Halve()(Y.numpy())": "ComponentError: the video must be a Tensor, got a ndarray. Write torch.from_numpy(array).",
    "Halve()(Y[0])": "SpaceError: a video tensor has the five axes b c t h w, got shape (3, 4, 5, 6).",
    "Halve()((255 * Y).to(torch.uint8))": "ComponentError: a video holds floating point values in [0, 1], got torch.ui",
    "Halve() @ 3": "ComponentError: part 1 of the pipeline must be an Operator, got 3.",
    "iv.pipeline('halve')": "ComponentError: part 1 of the pipeline must be an Operator, got 'halve'.",
}

PROGRAM = f"""
{SETUP}
for case in {list(CASES)!r}:
    try:
        eval(case)
        print("fine")
    except Exception as error:
        print(" ".join(f"{{type(error).__name__}}: {{error}}".split()))
"""


@pytest.fixture(scope="module")
def answers():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return dict(zip(CASES, done.stdout.splitlines(), strict=True))


@pytest.mark.parametrize("case", CASES)
def test_misuse_is_one_clear_sentence(answers, case):
    assert answers[case].startswith(CASES[case])
