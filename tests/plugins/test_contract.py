"""What a class must be, so that recipes can build it and print it back."""

import abc
import collections
from typing import final

import attrs
import pytest

from invsolve.operator import Operator
from invsolve.plugin import KINDS, BrokenPlugin, base_of, recipe_key
from invsolve.plugin.contract import BASES, violations
from invsolve.testing.pretend import manifest_of, pretend


@final
@attrs.frozen
class Good(Operator):
    from_: int = 0
    scratch: int = attrs.field(init=False, default=0, repr=False, eq=False)

    def forward(self, x):
        return x


@attrs.define
class Mutable(Operator):
    size: int = 1

    def forward(self, x):
        return x


class Plain(Operator):
    def forward(self, x):
        return x


class Inherits(Good):
    pass


@attrs.frozen
class Abstract(Operator):
    size: int = 1


@attrs.frozen
class Stranger:
    size: int = 1


@attrs.frozen
class Soup(Operator):
    def __init__(self, *args, **kwargs):
        self.__attrs_init__()

    def forward(self, x):
        return x


@attrs.frozen
class Reserved(Operator):
    use: str = "a"

    def forward(self, x):
        return x


@attrs.frozen
class ReservedBehindUnderscore(Operator):
    use_: str = "a"

    def forward(self, x):
        return x


@attrs.frozen
class Private(Operator):
    _size: int = 1

    def forward(self, x):
        return x


@attrs.frozen
class Hidden(Operator):
    size: int = attrs.field(init=False, default=1)

    def forward(self, x):
        return x


NotAnnotated = attrs.make_class("NotAnnotated", {"size": attrs.field(default=1)}, bases=(Plain,), frozen=True)


def test_a_good_class_has_no_violations():
    assert violations("operator", Good) == []


@pytest.mark.parametrize(
    ("cls", "says"),
    [
        (Mutable, "Mutable must be decorated with `@attrs.frozen`."),
        (Plain, "Plain must be decorated with `@attrs.frozen`."),
        (Inherits, "Inherits must be decorated with `@attrs.frozen`."),
        (Abstract, "Abstract is abstract: define forward."),
        (Stranger, "Stranger must derive from invsolve.Operator."),
        (Soup, "Soup takes `*args`"),
        (Soup, "Soup takes `**kwargs`"),
        (Reserved, "field 'use' of Reserved has a name that recipes keep for themselves"),
        (ReservedBehindUnderscore, "field 'use_' of"),
        (Private, "field '_size' of Private is private"),
        (Hidden, "field 'size' of Hidden is not in the constructor: give it `repr=False, eq=False`"),
        (NotAnnotated, "field 'size' of NotAnnotated has no type annotation"),
        (len, "its target must be a class, got <built-in function len>"),
    ],
)
def test_each_violation_is_one_sentence(cls, says):
    assert any(says in problem for problem in violations("operator", cls)), violations("operator", cls)


def test_a_class_without_a_signature_is_refused_in_words():
    found = violations("operator", collections.OrderedDict)
    assert any("must be decorated with `@attrs.frozen`" in sentence for sentence in found)


def test_all_violations_come_at_once(shelf, catalog_of):
    source = "import attrs\n\n@attrs.define\nclass Bad:\n    use: int = 1\n"
    manifest = manifest_of(("operator", "bad", "bad_one:Bad"))
    pretend(shelf, "invsolve-bad", manifest=manifest, modules={"bad_one.py": source})
    with pytest.raises(BrokenPlugin) as caught:
        catalog_of("invsolve-bad").load("operator", "bad")
    assert str(caught.value).startswith("operator 'bad' of invsolve-bad 1.0 breaks the plugin contract: ")
    for says in ("must derive from", "@attrs.frozen", "field 'use'"):
        assert says in str(caught.value)


def test_a_command_is_a_function():
    assert violations("command", print) == []
    assert violations("command", 3) == ["a command must be a function, got 3."]


@pytest.mark.parametrize("kind", sorted(BASES))
def test_every_kind_has_its_abstract_class(kind):
    base = base_of(kind)
    assert issubclass(base, abc.ABC)
    assert base.__abstractmethods__


def test_every_kind_but_command_is_covered():
    assert set(BASES) | {"command"} == set(KINDS)


@pytest.mark.parametrize(("field", "key"), [("from_", "from"), ("frames", "frames"), ("beta_min", "beta_min")])
def test_recipe_keys(field, key):
    assert recipe_key(field) == key
