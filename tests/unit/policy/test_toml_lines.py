"""Test that the line of every key is found, whatever it looks like."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pip_guard.policy.toml import TOMLError, parse_toml
from pip_guard.policy.toml_lines import KeyPath, find_lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("", {}, id="empty"),
        pytest.param("# a = 1\n\n  # b\n", {}, id="comments"),
        pytest.param("a = 1\nb = 2", {("a",): 1, ("b",): 2}, id="keys"),
        pytest.param("a = 1 # x = 2\r\n\r\nb = 2\r\n", {("a",): 1, ("b",): 3}, id="lines-of-windows"),
        pytest.param("a.b = 1\na.c.d = 2", {("a",): 1, ("a", "b"): 1, ("a", "c"): 2, ("a", "c", "d"): 2}, id="dotted"),
        pytest.param(
            "[t]\na = 1\n[t.u]\na = 2", {("t",): 1, ("t", "a"): 2, ("t", "u"): 3, ("t", "u", "a"): 4}, id="tables"
        ),
        pytest.param("[ t . 'u' ]  # x\na = 1", {("t",): 1, ("t", "u"): 1, ("t", "u", "a"): 2}, id="spaced-header"),
        pytest.param(
            "[[e]]\na = 1\n\n[[e]]\nb = 2\n[e.t]\nc = 3",
            {
                ("e",): 1,
                ("e", 0): 1,
                ("e", 0, "a"): 2,
                ("e", 1): 4,
                ("e", 1, "b"): 5,
                ("e", 1, "t"): 6,
                ("e", 1, "t", "c"): 7,
            },
            id="arrays-of-tables",
        ),
        pytest.param(
            "[[e]]\n[[e.f]]\na = 1\n[[e.f]]\na = 2\n",
            {
                ("e",): 1,
                ("e", 0): 1,
                ("e", 0, "f"): 2,
                ("e", 0, "f", 0): 2,
                ("e", 0, "f", 0, "a"): 3,
                ("e", 0, "f", 1): 4,
                ("e", 0, "f", 1, "a"): 5,
            },
            id="nested-arrays-of-tables",
        ),
        pytest.param(
            'a = [\n  "x", # one\n  "y",\n\n]\nb = 1',
            {("a",): 1, ("a", 0): 2, ("a", 1): 3, ("b",): 6},
            id="array-over-lines",
        ),
        pytest.param(
            "a = [[1, 2],\n[3]]\nb = 1",
            {("a",): 1, ("a", 0): 1, ("a", 0, 0): 1, ("a", 0, 1): 1, ("a", 1): 2, ("a", 1, 0): 2, ("b",): 3},
            id="nested-arrays",
        ),
        pytest.param(
            "a = [{b = 1},\n{b = 2, c = 3}]\nd = 1",
            {("a",): 1, ("a", 0): 1, ("a", 0, "b"): 1, ("a", 1): 2, ("a", 1, "b"): 2, ("a", 1, "c"): 2, ("d",): 3},
            id="array-of-inline-tables",
        ),
        pytest.param(
            'a = {b = "}", c.d = [1], e = {}}\nf = 1',
            {
                ("a",): 1,
                ("a", "b"): 1,
                ("a", "c"): 1,
                ("a", "c", "d"): 1,
                ("a", "c", "d", 0): 1,
                ("a", "e"): 1,
                ("f",): 2,
            },
            id="inline-table",
        ),
        pytest.param(
            'a = """\nb = 1\n\\""" [c]\n"""\nd = \'\'\'\n[e]\'\'\'\nf = 1',
            {("a",): 1, ("d",): 5, ("f",): 7},
            id="text-over-lines",
        ),
        pytest.param('a = """x"""""\nb = """"""\nc = 1', {("a",): 1, ("b",): 2, ("c",): 3}, id="quotes-at-the-end"),
        pytest.param('a = "# \\" x = 1"\nb = \'c:\\\'\nd = 1', {("a",): 1, ("b",): 2, ("d",): 3}, id="quotes"),
        pytest.param(
            '"a b" = 1\n\'c.d\' = 2\n"\\u0065\\t\\U00000066" = 3\n"" = 4',
            {("a b",): 1, ("c.d",): 2, ("e\tf",): 3, ("",): 4},
            id="quoted-keys",
        ),
        pytest.param(
            "a = 1.5\nb = 2027-01-31 10:00:00.5\n1.2 = 3",
            {("a",): 1, ("b",): 2, ("1",): 3, ("1", "2"): 3},
            id="numbers",
        ),
        pytest.param("= 1\na = \nb 1\n", {("a",): 2, ("b",): 3, ("b", "1"): 3}, id="no-toml"),
        pytest.param("[]\n[[]]\n", {("",): 1, ("", 0): 2}, id="headers-without-names"),
        pytest.param("a = [}\n]\nb = {]}", {("a",): 1, ("a", 0): 1, ("b",): 3}, id="brackets-that-do-not-match"),
        pytest.param("a = {b = [1\n", {("a",): 1, ("a", "b"): 1, ("a", "b", 0): 1}, id="ends-inside"),
    ],
)
def test_finds_lines(text: str, lines: dict[KeyPath, int]) -> None:
    assert find_lines(text) == lines


def test_what_is_nested_too_deep_has_no_lines() -> None:
    assert find_lines("a = 1\nb = " + "[" * 100_000)["a",] == 1


def paths(value: object, path: KeyPath = ()) -> Iterator[KeyPath]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from paths(item, (*path, key))


WORDS = st.sampled_from(
    ["a", "b", '"c d"', "'e'", "[", "]", "[[", "]]", "{", "}", ".", "=", ",", "\n", '"""', "'''", "1", "#", " "]
)


@given(st.lists(WORDS, max_size=30).map("".join))
def test_every_key_of_a_document_has_a_line(text: str) -> None:
    lines = find_lines(text)
    try:
        content = parse_toml(text)
    except TOMLError:
        return
    assert set(lines) == set(paths(content))


NAMES = st.sampled_from(["a", "b", '"c d"', "'e'"])
SCALARS = st.sampled_from(["1", '"x"', "'y'", "true", '"""\n= 1\n"""', "1.5", "2027-01-31"])
INLINE = st.recursive(
    SCALARS,
    lambda values: st.one_of(
        st.lists(values, max_size=3).map(lambda found: "[" + ",\n# [\n".join(found) + "\n]"),
        st.dictionaries(st.sampled_from(["a", "b", "c.d"]), values, max_size=3).map(
            lambda found: "{" + ", ".join(f"{key} = {value}" for key, value in found.items()) + "}"
        ),
    ),
    max_leaves=6,
)
STATEMENTS = st.one_of(
    st.tuples(st.lists(NAMES, min_size=1, max_size=3).map(" . ".join), INLINE).map(" = ".join),
    st.lists(NAMES, min_size=1, max_size=3).map(lambda names: f"[{'.'.join(names)}]"),
    st.lists(NAMES, min_size=1, max_size=3).map(lambda names: f"[[{'.'.join(names)}]] # x"),
)


@given(st.lists(STATEMENTS, max_size=8).map("\n".join))
def test_lines_of_nested_documents_are_found(text: str) -> None:
    try:
        content = parse_toml(text)
    except TOMLError:
        return
    assert set(find_lines(text)) == set(paths(content))
