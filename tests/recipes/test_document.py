"""YAML 1.2 becomes nodes with places; every mistake has its place and says what to do."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invsolve.recipe import document
from invsolve.recipe.document import parse, read_document
from invsolve.recipe.dumping import dumped
from invsolve.recipe.fault import Faulty
from invsolve.recipe.node import Listing, Origin, Scalar, Table, plain

FILE = Origin(0, "r.yaml")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-4", 1e-4),
        ("2e5", 2e5),
        ("-.5", -0.5),
        (".inf", float("inf")),
        ("-.inf", float("-inf")),
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("'1'", "1"),
        ("0x1F", 31),
        ("0o17", 15),
        ("-0b11", -3),
        ("017", 17),
        ("1:30", "1:30"),
        ("2026-11-20", "2026-11-20"),
        ("!!float 3", 3.0),
        ("[1, [2, a]]", [1, [2, "a"]]),
        ("{a: {b: ~}}", {"a": {"b": None}}),
        ("{a: &x [1], b: *x}", {"a": [1], "b": [1]}),
    ],
)
def test_values_are_those_of_yaml_1_2(text: str, value: object) -> None:
    node = parse(text, FILE)
    assert node is not None
    assert plain(node) == value
    assert type(plain(node)) is type(value)


def test_every_node_keeps_its_place() -> None:
    node = parse("a: 1\nb:\n  - {c: x}\n", FILE)
    assert isinstance(node, Table)
    assert str(node.entries["b"].key_origin) == "r.yaml:2:1"
    items = node.get("b")
    assert isinstance(items, Listing)
    first = items.items[0]
    assert isinstance(first, Table)
    assert str(first.origin) == "r.yaml:3:5"
    assert str(first.entries["c"].key_origin) == "r.yaml:3:6"
    inner = first.get("c")
    assert isinstance(inner, Scalar)
    assert str(inner.origin) == "r.yaml:3:9"


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("a:\n\tb: 1\n", ["r.yaml:2:1: a tab; YAML is indented with spaces only."]),
        (
            "a: 1\na: 2\nb: {c: 1, c: 2}\n",
            [
                "r.yaml:2:1: a: duplicate key; it stands first at r.yaml:1:1.",
                "r.yaml:3:11: b.c: duplicate key; it stands first at r.yaml:3:5.",
            ],
        ),
        ("a: &x [*x]", ["r.yaml:1:4: a: the anchor &x contains itself."]),
        ("a: {<<: {b: 1}}", ["r.yaml:1:5: a.<<: merge keys are not supported; repeat the lines, or use `extends`."]),
        ("1: 2", ["r.yaml:1:1: keys must be text, got '1'; put it in quotes."]),
        ("[1]: 2", ["r.yaml:1:1: keys must be text, got a list or mapping; put it in quotes."]),
        (
            "a: 1\n---\nb: 2\n",
            ["r.yaml:2:1: a second document begins here; a recipe is one document, without `---` in it."],
        ),
        ("a: b: c", ["r.yaml:1:5: not valid YAML: mapping values are not allowed here."]),
        ("ab: \x00", ["r.yaml:1:5: the character U+0000 is not allowed in YAML."]),
        ("# x\n%YAML 1.1\n---\na: yes", ["r.yaml:2:1: recipes are YAML 1.2; remove this line."]),
        ("a: !!int x", ["r.yaml:1:4: a: 'x' is not a number."]),
        ("[" * 2000, ["r.yaml: nested too deeply; 200 levels are allowed."]),
    ],
)
def test_mistakes_say_where_and_what(text: str, faults: list[str]) -> None:
    with pytest.raises(Faulty) as caught:
        parse(text, FILE)
    assert [str(fault) for fault in caught.value.faults] == faults


@pytest.mark.parametrize("tag", ["!foo", "!!python/object:os.system", "!!binary", "!!set", "!!omap"])
def test_tags_that_make_objects_are_refused(tag: str) -> None:
    with pytest.raises(Faulty, match=r"the tag .* is not allowed: recipes hold plain data"):
        parse(f"a: {tag} {{b}}" if tag in ("!!set", "!!omap") else f"a: {tag} x", FILE)


def test_lines_cannot_be_nested_without_end() -> None:
    with pytest.raises(Faulty, match="nested too deeply"):
        parse("".join(f"{' ' * depth}a:\n" for depth in range(1000)), FILE)


def test_aliases_cannot_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "MOST_NODES", 2_000)
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    with pytest.raises(Faulty, match="aliases make this document larger than 2,000 values"):
        parse("\n".join(lines), FILE)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", ":1:1: the file is empty; a recipe begins with `recipe: 1`."),
        (b"# only words\n", ":1:1: the file is empty; a recipe begins with `recipe: 1`."),
        (b"- 1\n- 2\n", ":1:1: a recipe is a mapping that begins with `recipe: 1`, got a list of 2."),
        (b"just text", ":1:1: a recipe is a mapping that begins with `recipe: 1`, got str 'just text'."),
        (b"recipe: 1\nname: caf\xe9\n", ":2:10: the byte 0xe9 is not UTF-8; save the file as UTF-8 text."),
    ],
)
def test_files_that_hold_no_recipe(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "r.yaml"
    path.write_bytes(data)
    with pytest.raises(Faulty) as caught:
        read_document(path)
    assert [str(fault) for fault in caught.value.faults] == [f"{path}{message}"]


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_bytes(b"\xef\xbb\xbfrecipe: 1\n")
    assert plain(read_document(path)) == {"recipe": 1}


def test_a_missing_file_is_looked_for_nearby(tmp_path: Path) -> None:
    (tmp_path / "deblur.yaml").write_text("recipe: 1")
    with pytest.raises(Faulty, match=r"deblr\.yaml: there is no such file\. Did you mean 'deblur\.yaml'\?"):
        read_document(tmp_path / "deblr.yaml")


def test_a_folder_is_no_recipe(tmp_path: Path) -> None:
    with pytest.raises(Faulty, match="this is a folder; name a recipe file, or a run's folder"):
        read_document(tmp_path)


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12)
DATA = st.recursive(
    SCALARS, lambda part: st.lists(part, max_size=4) | st.dictionaries(st.text(max_size=8), part, max_size=4)
)


@given(DATA)
def test_what_is_written_is_read_back(data: object) -> None:
    """Numbers that look like text, text that looks like numbers, control characters: all of it survives."""
    node = parse(dumped({"a": data}), FILE)
    assert node is not None
    back = plain(node)["a"]
    assert repr(back) == repr(data)


@given(st.text(max_size=40))
def test_no_text_makes_the_reader_stumble(text: str) -> None:
    """Any text is either read, as something that can be written again, or refused with a place."""
    try:
        node = parse(text, FILE)
    except Faulty as found:
        assert all(str(fault).startswith("r.yaml") for fault in found.faults)
    else:
        data = None if node is None else plain(node)
        again = parse(dumped({"a": data}), FILE)
        assert isinstance(again, Table)
        assert repr(plain(again)["a"]) == repr(data)
