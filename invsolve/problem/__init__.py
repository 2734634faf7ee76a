"""The problem: operator, observation, noise and prior, checked to fit, and its gradients."""

from invsolve.problem.problem import Problem as Problem
from invsolve.problem.requirement import Requirement as Requirement
from invsolve.problem.trace import DecoderTrace as DecoderTrace
from invsolve.problem.trace import Trace as Trace
