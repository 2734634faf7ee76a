"""Operators: how an observation comes about, their algebra and their closed forms."""

from invsolve.operator.operator import LinearOperator as LinearOperator
from invsolve.operator.operator import Operator as Operator
