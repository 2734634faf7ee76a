"""What `plugins show` knows of a class."""

from pathlib import Path
from typing import ClassVar, Literal, final

import attrs

from invsolve.operator import Operator
from invsolve.plugin.describe import describe
from invsolve.plugin.docstring import documentation


@final
@attrs.frozen
class Inner(Operator):
    """Does nothing."""

    def forward(self, x):
        return x


@final
@attrs.frozen
class Sample(Operator):
    """Moves things about.

    With a second paragraph.

    What it makes:

    - ``moved``: the things.

    Attributes:
        size: side of a block [pixels], and
            more about it.
        x (float): [pixels] offsets.
        y: [pixels] offsets.
        from_: where to begin.

    Raises:
        SpaceError: for sizes that do
            not fit.

    References:
        Somebody 1949.
    """

    references: ClassVar[tuple[str, ...]] = ("@article{one}",)

    size: int
    x: float = 0.5
    y: float = attrs.field(default=1e-4, validator=attrs.validators.ge(0.0))
    from_: Literal["top", "bottom"] = "top"
    path: Path | None = None
    words: tuple[str, ...] = ("a b", "true", "gamma:2.2")
    inner: Operator = attrs.field(factory=Inner)
    loud: bool = False


@final
@attrs.frozen
class WithExamples(Operator):
    """Shows itself.

    Examples:
        ```python
        Sample(size=3) @ WithExamples(Path("a"))  # as its author would
        ```

        ```yaml
        operator: {use: with_examples}  # as its author would
        ```
    """


def test_prose_has_neither_fields_nor_examples():
    assert describe(Sample, "operator", "sample").prose == (
        "Moves things about.\n\nWith a second paragraph.\n\nWhat it makes:\n\n- ``moved``: the things."
    )
    assert describe(WithExamples, "operator", "with_examples").prose == "Shows itself."


def test_errors_and_sources_stand_apart():
    page = describe(Sample, "operator", "sample")
    assert page.raises == (("SpaceError", "for sizes that do not fit."),)
    assert page.sources == "Somebody 1949."


@final
@attrs.frozen
class Earlier(Operator):
    """As `plugins new` once wrote it.

    - ``strength``: of it.

    **Source:** a book.

    ```python
    Earlier(strength=0.5)
    ```
    ```yaml
    operator: {use: earlier, strength: 0.5}
    ```
    """

    strength: float


def test_the_form_of_earlier_plugins_keeps_its_words_and_examples():
    page = describe(Earlier, "operator", "earlier")
    assert page.prose == ("As `plugins new` once wrote it.\n\n- ``strength``: of it.\n\n**Source:** a book.")
    assert page.yaml == "operator: {use: earlier, strength: 0.5}"
    assert page.python.endswith("Earlier(strength=0.5)")
    assert page.fields[0].meaning == ""
    assert documentation(Earlier.__doc__).listed == ("strength",)


def test_sections_that_cannot_be_read_are_prose():
    text = "Does.\n\nAttributes:\n    no colon here"
    assert documentation(text).prose == text
    assert documentation(None).prose == ""


def test_fields_have_type_default_and_meaning():
    fields = {
        field.key: (field.type, field.default, field.meaning) for field in describe(Sample, "operator", "s").fields
    }
    assert fields == {
        "size": ("int", "", "side of a block [pixels], and more about it."),
        "x": ("float", "0.5", "[pixels] offsets."),
        "y": ("float", "0.0001", "[pixels] offsets."),
        "from": ("Literal['top', 'bottom']", "'top'", "where to begin."),
        "path": ("Path | None", "None", ""),
        "words": ("tuple[str, ...]", "('a b', 'true', 'gamma:2.2')", ""),
        "inner": ("Operator", "Inner()", ""),
        "loud": ("bool", "False", ""),
    }


class Turning(Operator):
    """An abstract class that says what its fields are.

    Attributes:
        angle: [radians] by which it turns.
        std: of the noise.
    """


@final
@attrs.frozen
class Talkative(Turning):
    """Turns by an `angle`, or bends; the `bend` is of no account, for only sections speak for fields.

    Attributes:
        std: of this one.
    """

    angle: float = 1.0
    std: float = 1.0
    bend: float = 1.0


def test_sections_and_nothing_else_speak_for_fields_those_of_the_class_first():
    page = describe(Talkative, "operator", "talkative")
    assert {field.key: field.meaning for field in page.fields} == {
        "angle": "[radians] by which it turns.",
        "std": "of this one.",
        "bend": "",
    }


def test_examples_are_made_from_the_fields():
    page = describe(Sample, "operator", "sample")
    assert page.yaml == (
        "operator: {use: sample, size: <int>, x: 0.5, y: 0.0001, from: top, path: null, "
        'words: ["a b", "true", gamma:2.2], loud: false}'
    )
    assert page.python == (
        f"from {__name__} import Sample\n\n"
        "Sample(size=..., x=0.5, y=0.0001, from_='top', path=None, words=('a b', 'true', 'gamma:2.2'), loud=False)"
    )


def test_the_authors_examples_come_first():
    page = describe(WithExamples, "operator", "with_examples")
    assert page.python == (
        f"from {__name__} import Path, Sample, WithExamples\n\n"
        'Sample(size=3) @ WithExamples(Path("a"))  # as its author would'
    )
    assert page.yaml == "operator: {use: with_examples}  # as its author would"


def test_readers_and_metrics_have_their_own_keys():
    assert describe(Sample, "reader", "sample").yaml.startswith("input: {read: sample, size: <int>")
    assert describe(Inner, "metric", "inner").yaml == "metrics: [{use: inner}]"


def test_the_shortest_import_is_shown():
    import invsolve_operators
    from invsolve.media.npz import NpzReader

    assert describe(NpzReader, "reader", "npz").python.startswith(
        "from pathlib import Path\n\nfrom invsolve.media import NpzReader, ReadContext\n\nrecording = NpzReader(path="
    )
    page = describe(invsolve_operators.TemporalAverage, "operator", "temporal_average")
    assert page.python.startswith("from invsolve_operators import TemporalAverage\n")


def test_references():
    assert describe(Sample, "operator", "sample").references == ("@article{one}",)


def test_an_example_imports_what_it_takes_from_the_core():
    from invsolve_operators import Linearise

    page = describe(Linearise, "operator", "linearise")
    assert page.python.startswith("from invsolve import pipeline\nfrom invsolve_operators import CameraResponse, ")


def test_an_example_may_begin_with_its_own_imports():
    from invsolve import Stack

    page = describe(Stack, "operator", "stack")
    assert page.python.startswith("from invsolve import Stack\nfrom invsolve_operators import SelectFrames, ")
    exec(page.python, {})
