"""Test that values are read out of a table by their types, and that nothing in it goes unnoticed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timezone
from enum import Enum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pip_guard.policy.table import Problem, Table


class Colour(Enum):
    RED = "red"
    DARK_BLUE = "dark-blue"


Reading = tuple[object, list[str]]


def read(content: Mapping[str, object], ask: Callable[[Table], object], *, path: str = "") -> Reading:
    problems: list[Problem] = []
    table = Table(content, path=(path,) if path else (), problems=problems)
    value = ask(table)
    table.finish()
    return value, [f"{problem.key}: {problem.message}" for problem in problems]


NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("content", "ask", "value"),
    [
        pytest.param({"x": "a"}, lambda table: table.string("x"), "a", id="string"),
        pytest.param({}, lambda table: table.string("x"), None, id="missing-string"),
        pytest.param({"x": " a "}, lambda table: table.string("x", required=True), " a ", id="required-string"),
        pytest.param({"x": ["a", "b"]}, lambda table: table.strings("x"), ("a", "b"), id="strings"),
        pytest.param({"x": []}, lambda table: table.strings("x"), (), id="no-strings"),
        pytest.param({}, lambda table: table.strings("x"), None, id="missing-strings"),
        pytest.param({"x": "dark-blue"}, lambda table: table.choice("x", Colour), Colour.DARK_BLUE, id="choice"),
        pytest.param({}, lambda table: table.choice("x", Colour), None, id="missing-choice"),
        pytest.param(
            {"x": date(2026, 1, 1)}, lambda table: table.value("x", date, "a date"), date(2026, 1, 1), id="date"
        ),
        pytest.param({"x": False}, lambda table: table.value("x", bool, "a boolean"), False, id="boolean"),
        pytest.param({"x": {"y": "a"}}, lambda table: table.table("x").string("y"), "a", id="table"),
        pytest.param({}, lambda table: table.table("x").string("y"), None, id="missing-table"),
        pytest.param(
            {"x": [{"y": "a"}, {}]},
            lambda table: [each.string("y") for each in table.tables("x")],
            ["a", None],
            id="tables",
        ),
        pytest.param({}, lambda table: table.tables("x"), [], id="missing-tables"),
        pytest.param(
            {"a": 1, "b": 2}, lambda table: table.known_keys(("b", "a", "c"), "key"), ["a", "b"], id="known-keys"
        ),
    ],
)
def test_reads(content: Mapping[str, object], ask: Callable[[Table], object], value: object) -> None:
    assert read(content, ask) == (value, [])


@pytest.mark.parametrize(
    ("content", "ask", "reading"),
    [
        pytest.param(
            {"x": 1},
            lambda table: table.string("x"),
            (None, ["x: must be a string, not a number"]),
            id="number",
        ),
        pytest.param(
            {"x": 1.5},
            lambda table: table.string("x"),
            (None, ["x: must be a string, not a number"]),
            id="float",
        ),
        pytest.param(
            {"x": True},
            lambda table: table.string("x"),
            (None, ["x: must be a string, not a boolean"]),
            id="boolean",
        ),
        pytest.param(
            {"x": True},
            lambda table: table.value("x", int, "a number"),
            (None, ["x: must be a number, not a boolean"]),
            id="boolean-is-no-number",
        ),
        pytest.param(
            {"x": ["a"]},
            lambda table: table.string("x"),
            (None, ["x: must be a string, not a list"]),
            id="list",
        ),
        pytest.param(
            {"x": {}}, lambda table: table.string("x"), (None, ["x: must be a string, not a table"]), id="table"
        ),
        pytest.param(
            {"x": NOW},
            lambda table: table.value("x", date, "a date"),
            (None, ["x: must be a date, not a date or a time"]),
            id="date-with-time",
        ),
        pytest.param(
            {"x": time(1)},
            lambda table: table.string("x"),
            (None, ["x: must be a string, not a date or a time"]),
            id="time",
        ),
        pytest.param({"x": " \t"}, lambda table: table.string("x"), (" \t", ["x: must not be empty"]), id="blank"),
        pytest.param({}, lambda table: table.string("x", required=True), (None, ["x: is missing"]), id="missing"),
        pytest.param(
            {"x": "a"},
            lambda table: table.strings("x"),
            (None, ["x: must be a list of strings, not a string"]),
            id="string-for-strings",
        ),
        pytest.param(
            {"x": ["a", 1, "b", ["c"]]},
            lambda table: table.strings("x"),
            (
                ("a", "b"),
                ["x[1]: must be a string, not a number", "x[3]: must be a string, not a list"],
            ),
            id="others-among-strings",
        ),
        pytest.param(
            {"x": "blue"},
            lambda table: table.choice("x", Colour),
            (None, ['x: must be one of red, dark-blue, not "blue"; did you mean "dark-blue"?']),
            id="no-choice",
        ),
        pytest.param(
            {"x": "RED"},
            lambda table: table.choice("x", Colour),
            (None, ['x: must be one of red, dark-blue, not "RED"']),
            id="choice-in-capitals",
        ),
        pytest.param(
            {"x": 1},
            lambda table: table.choice("x", Colour),
            (None, ["x: must be a string, not a number"]),
            id="number-for-choice",
        ),
        pytest.param(
            {"x": [1]},
            lambda table: table.table("x").string("y"),
            (None, ["x: must be a table, not a list"]),
            id="list-for-table",
        ),
        pytest.param(
            {"x": {"y": "a"}},
            lambda table: table.tables("x"),
            ([], ["x: must be an array of tables, each headed [[x]], not a table"]),
            id="table-for-tables",
        ),
        pytest.param(
            {"x": [{"y": "a"}, "b"]},
            lambda table: [each.string("y") for each in table.tables("x")],
            (["a"], ["x[1]: must be a table, not a string"]),
            id="string-among-tables",
        ),
        pytest.param(
            {"colour": 1, "zzz": 2, "x": 3},
            lambda table: table.known_keys(("color", "x"), "key"),
            (
                ["x"],
                [
                    'colour: there is no key "colour"; did you mean "color"?',
                    'zzz: there is no key "zzz"',
                ],
            ),
            id="unknown-keys",
        ),
        pytest.param(
            {"colour": "red", "nothing": 1},
            lambda table: table.string("color"),
            (
                None,
                [
                    'colour: there is no such key; did you mean "color"?',
                    "nothing: there is no such key",
                ],
            ),
            id="keys-that-nobody-asked-for",
        ),
        pytest.param(
            {"x": {"y": {"z": 1}}},
            lambda table: table.table("x").table("y").string("other"),
            (None, ["x.y.z: there is no such key"]),
            id="key-below-that-nobody-asked-for",
        ),
        pytest.param(
            {"x": [{"y": "a", "z": 1}]},
            lambda table: [each.string("y") for each in table.tables("x")],
            (["a"], ["x[0].z: there is no such key"]),
            id="key-in-tables-that-nobody-asked-for",
        ),
    ],
)
def test_notes_problems(content: Mapping[str, object], ask: Callable[[Table], object], reading: Reading) -> None:
    assert read(content, ask) == reading


def test_names_are_the_keys_of_the_table() -> None:
    table = Table({"b": 1, "a": 2}, problems=[])
    assert table.names() == ("b", "a")


def test_problem_carries_the_whole_path() -> None:
    def ask(table: Table) -> None:
        table.problem("x", "is bad")
        table.check_known("rule", "dark-bleu", ["dark-blue"], "colour")

    assert read({}, ask, path="a.b[0]") == (
        None,
        [
            "a.b[0].x: is bad",
            'a.b[0].rule: there is no colour "dark-bleu"; did you mean "dark-blue"?',
        ],
    )


@given(content=st.dictionaries(st.text(), st.integers()), asked=st.sets(st.text()))
def test_every_key_is_asked_for_or_a_problem(content: dict[str, int], asked: set[str]) -> None:
    def ask(table: Table) -> None:
        for key in asked:
            table.value(key, int, "a number")

    _, problems = read(content, ask)
    assert len(problems) == len(content.keys() - asked)
