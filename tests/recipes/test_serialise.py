"""What a recipe writes about a component builds the same component again."""

from pathlib import Path

import attrs
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from invsolve.errors import ComponentError, InvsolveError, UnknownComponent
from invsolve.operator.pipeline import pipeline
from invsolve.plugin import Catalog, Component
from invsolve.recipe import from_data, to_data
from invsolve.recipe.document import parse
from invsolve.recipe.dumping import dumped
from invsolve.recipe.node import Origin, plain
from tests.recipes.parts import (
    CATALOG,
    COMPONENTS,
    HERE,
    Average,
    Border,
    Corner,
    Count,
    Curve,
    Down,
    Everything,
    Guess,
    Inside,
    Interval,
    Jump,
    Made,
    Nothing,
    Picture,
    Pull,
    Search,
    catalog_of,
)

REAL = st.floats(allow_nan=False)
SMALL = st.floats(-1e6, 1e6)
WORD = st.text(max_size=6)
INTERVALS = st.floats(-10, 0).flatmap(lambda start: st.builds(Interval, st.just(start), st.floats(0.5, 9)))
PATHS = st.sampled_from([Path("/a/b.png"), Path("/tmp/no such place/é")])


def arrays(shape: tuple[int, ...], dtype: torch.dtype) -> st.SearchStrategy[torch.Tensor]:
    """Drawn by one number, so that an example prints small."""
    count = int(np.prod(shape))
    return st.integers(0, 99).map(
        lambda key: (torch.arange(count, dtype=torch.float64).mul(key).remainder(7) / 3).reshape(shape).to(dtype)
    )


PRIORS = st.builds(
    Everything,
    whole=st.integers(),
    real=REAL,
    word=WORD,
    flag=st.booleans(),
    from_=REAL,
    choice=st.sampled_from(["a", "b", 3, True]),
    corner=st.sampled_from(Corner),
    file=st.none() | PATHS,
    maybe=st.none() | REAL,
    either=st.integers() | WORD | st.lists(SMALL, max_size=3).map(tuple),
    pair=st.tuples(st.integers(), REAL),
    many=st.lists(st.lists(st.integers(), max_size=2).map(tuple), max_size=2).map(tuple),
    listed=st.lists(WORD, max_size=3),
    bag=st.frozensets(st.integers(), max_size=3),
    table=st.dictionaries(WORD, REAL, max_size=3),
    interval=INTERVALS,
    intervals=st.lists(INTERVALS, max_size=2).map(tuple),
    anything=st.none() | st.lists(st.integers() | WORD, max_size=2) | st.dictionaries(WORD, st.booleans(), max_size=2),
    array=arrays((2, 3), torch.float64)
    | arrays((1, 3), torch.float32)
    | arrays((2,), torch.uint8)
    | arrays((), torch.float64),
    single=st.none() | arrays((2, 2), torch.float32),
    index=arrays((4,), torch.int64) | arrays((0,), torch.int64),
)
AVERAGES = st.builds(
    Average,
    st.integers(1, 9),
    st.none() | st.lists(SMALL, max_size=3).map(tuple),
    st.sampled_from(Border),
)
CURVES = st.builds(Curve, st.sampled_from(["srgb", "gamma:2.2", "no", "1"]), st.sampled_from(["hard", "soft", 2]))
OPERATORS = st.recursive(
    AVERAGES | CURVES,
    lambda inner: st.builds(
        Inside,
        AVERAGES,
        st.lists(inner, max_size=2).map(tuple),
        st.dictionaries(st.sampled_from("ab"), inner, max_size=1),
    ),
    max_leaves=5,
)
SAMPLERS = st.builds(Guess, st.integers(5, 9), st.floats(0, 9), st.integers(1, 5)) | st.builds(
    Search,
    st.integers(1, 9),
    st.builds(Down, st.floats(0, 1)) | st.builds(Jump, st.integers()),
    st.none() | st.builds(Pull, REAL),
)
READERS = st.recursive(
    st.builds(Picture, PATHS, st.none() | st.integers() | WORD), lambda inner: st.builds(Made, inner)
)
COMPONENTS_OF_ALL_KINDS = (
    st.tuples(st.just("prior"), PRIORS)
    | st.tuples(st.just("operator"), st.lists(OPERATORS, min_size=1, max_size=3))
    | st.tuples(st.just("sampler"), SAMPLERS)
    | st.tuples(st.just("reader"), READERS)
    | st.tuples(st.just("metric"), st.builds(Count, st.integers()))
)


def built(drawn: tuple) -> tuple:
    """Operators are drawn as lists: beartype checks a pipeline by lot, which must not happen while drawing."""
    kind, component = drawn
    if kind != "operator":
        return drawn
    inner = [
        attrs.evolve(part, inner=pipeline(part.inner, Average())) for part in component if isinstance(part, Inside)
    ]
    return kind, pipeline(*component, *inner)


@settings(max_examples=50)
@given(COMPONENTS_OF_ALL_KINDS, st.booleans())
def test_written_and_read_back_a_component_is_itself(drawn: tuple, defaults: bool) -> None:
    """With and without its defaults, and through YAML."""
    kind, component = built(drawn)
    data = to_data(component, CATALOG, defaults)
    node = parse(dumped({"part": data}), Origin(0, "x"))
    assert node is not None
    assert repr(plain(node)["part"]) == repr(data)
    assert from_data(kind, data, CATALOG) == component


@settings(max_examples=50)
@given(COMPONENTS_OF_ALL_KINDS)
def test_the_form_of_a_component_is_unique(drawn: tuple) -> None:
    """Reading a form back and writing it again changes nothing: equal problems have equal hashes."""
    kind, component = built(drawn)
    data = to_data(component, CATALOG)
    assert to_data(from_data(kind, data, CATALOG), CATALOG) == data


def test_without_defaults_only_what_differs_is_written() -> None:
    assert to_data(Search(steps=100), CATALOG, defaults=False) == {"use": "search"}
    assert to_data(Search(kernel=Down(eta=0.25)), CATALOG, defaults=False) == {"use": "search"}
    assert to_data(Search(kernel=Down()), CATALOG, defaults=False) == {"use": "search", "kernel": {"use": "down"}}
    assert to_data(Made(Picture(Path("/a"))), CATALOG, defaults=False) == {
        "read": "made",
        "from": {"read": "picture", "path": "/a"},
    }


def test_a_large_array_is_one_line() -> None:
    values = torch.arange(3000, dtype=torch.float64).reshape(3, 1000) / 7
    prior = Everything(1, array=values)
    data = to_data(prior, CATALOG)
    assert data["array"]["shape"] == [3, 1000]
    assert len(dumped({"array": data["array"]}).splitlines()) < 10
    assert from_data("prior", data, CATALOG) == prior


def test_the_bytes_of_an_array_do_not_depend_on_its_layout() -> None:
    values = torch.arange(2400.0, dtype=torch.float64).reshape(40, 60)
    assert to_data(Everything(1, array=values.T.contiguous().T), CATALOG) == to_data(
        Everything(1, array=values), CATALOG
    )
    big = np.arange(2000.0).astype(">f8")
    assert to_data(big, CATALOG) == to_data(big.astype("<f8"), CATALOG)


def test_an_ambiguous_name_is_written_with_its_distribution() -> None:
    one, two = (
        catalog_of(*COMPONENTS),
        catalog_of(Component("operator", "average", f"{HERE}:Curve", "x"), distribution="b"),
    )
    both = Catalog(attrs.evolve(one.found, plugins=one.plugins + two.plugins))
    data = to_data(Average(3), both)
    assert data["use"] == "fakes:average"
    assert from_data("operator", data, both) == Average(3)


@attrs.frozen
class Unlisted(Average.__mro__[1]):  # type: ignore[misc]
    forward = Nothing.forward
    adjoint = Nothing.adjoint


@attrs.frozen
class Odd(Average.__mro__[1]):  # type: ignore[misc]
    value: object = None
    forward = Nothing.forward
    adjoint = Nothing.adjoint


def test_a_component_that_no_plugin_offers_has_no_form() -> None:
    with pytest.raises(UnknownComponent, match="is not offered by any installed plugin"):
        to_data(pipeline(Average(), Unlisted()), CATALOG)


@pytest.mark.parametrize("value", [object(), 1j, torch.zeros(1, dtype=torch.complex64)])
def test_a_value_that_no_recipe_can_write_is_refused(value: object) -> None:
    catalog = catalog_of(Component("operator", "odd", f"{__name__}:Odd", "x"))
    with pytest.raises(InvsolveError) as caught:
        to_data(Odd(value), catalog)
    assert isinstance(caught.value, ComponentError)
    assert "in a recipe" in str(caught.value)
