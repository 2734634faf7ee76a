"""`Law`: one sentence that every component of a kind obeys, with the function that tries to refute it."""

from collections.abc import Callable
from typing import Any, Final, final

import attrs

from invsolve.testing.case import Case

ANY_CASE: Final = Case(b=1, c=1, t=1, h=1, w=1)  # for laws that look at the component alone, or at a seed

LONGEST_REPR: Final = 200
LONGEST_DETAIL: Final = 400


class LawBroken(AssertionError):
    """A component breaks a law; the message is one line: law, sentence, component, case, what was seen."""


class NotApplicable(Exception):
    """A law has nothing to say about a component, and why."""


def require(condition: object, detail: str) -> None:
    """Raise `LawBroken` with what was seen unless `condition` holds."""
    if not condition:
        raise LawBroken(detail)


@final
@attrs.frozen
class Law:
    """A law as a plain function ``check(component, case)`` that returns if the component obeys.

    The function's name is the law's name, for good; the first line of its docstring is the law in one sentence. It
    raises `LawBroken` where the law is broken and `NotApplicable` where it has nothing to say. Laws run inside the
    pytest classes, inside `invsolve plugins check`, and by hand: ``law(component, case)``.

    Attributes:
        check: the function.
        subject: the class of components it is about; others raise `NotApplicable`.
        once: the law looks at the component alone, so that one case is enough.
        heavy: a case takes long, so that few are tried.
    """

    check: Callable[[Any, Case], None]
    subject: type[Any] = object
    once: bool = False
    heavy: bool = False

    @property
    def name(self) -> str:
        """The law's name, as waivers and reports write it."""
        return self.check.__name__

    @property
    def sentence(self) -> str:
        """The law in one sentence."""
        return (self.check.__doc__ or self.name).strip().splitlines()[0]

    def __str__(self) -> str:
        return self.name

    def __call__(self, component: object, case: Case) -> None:
        """Try to refute the law; raises `LawBroken` if that succeeds, `NotApplicable` if there is nothing to try."""
        if not isinstance(component, self.subject):
            raise NotApplicable(f"it is not a {self.subject.__name__}")
        try:
            self.check(component, case)
        except NotApplicable:
            raise
        except LawBroken as broken:
            raise LawBroken(self._line(component, case, str(broken))) from None
        except Exception as error:  # whatever a component raises, the law is not obeyed
            raise LawBroken(self._line(component, case, f"{type(error).__name__}: {error}")) from error

    def _line(self, component: object, case: Case, detail: str) -> str:
        place = _one_line(repr(component), LONGEST_REPR) + ("" if self.once else f", {case}")
        return f"law {self.name!r} is broken. {self.sentence} {place}: {_one_line(detail, LONGEST_DETAIL)}"


def _one_line(text: str, longest: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[:longest]} ..."
