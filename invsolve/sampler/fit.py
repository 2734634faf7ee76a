"""`check_fit`: whether a sampler can do anything with a problem, asked before any work is begun."""

from typing import Any

from invsolve.problem import Problem
from invsolve.sampler.sampler import Sampler


def check_fit(sampler: Sampler[Any], problem: Problem) -> None:
    """Raise `CapabilityError` unless `problem` offers all that `sampler` requires."""
    problem.require(sampler.requires, type(sampler).__name__)
