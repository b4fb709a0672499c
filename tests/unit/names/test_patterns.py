"""Test how what is said of a name is found among names and patterns."""

from __future__ import annotations

import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pip_guard.names.patterns import PatternIndex

ENTRIES = [
    ("a", "demo", 0),
    ("a", None, 1),
    ("b", "demo", 2),
    ("a", "de*", 3),
    ("a", "demo", 4),
    ("a", "?emo", 5),
    ("a", "[xd]emo", 6),
    ("a", "other", 7),
]


@pytest.mark.parametrize(
    ("group", "name", "found"),
    [
        pytest.param("a", "demo", [0, 1, 3, 4, 5, 6], id="in-their-order"),
        pytest.param("a", "dem", [1, 3], id="pattern"),
        pytest.param("a", None, [1], id="no-name"),
        pytest.param("b", "demo", [2], id="other-group"),
        pytest.param("b", None, [], id="no-name-where-one-is-needed"),
        pytest.param("c", "demo", [], id="no-group"),
    ],
)
def test_finds_what_fits(group: str, name: str | None, found: list[int]) -> None:
    index = PatternIndex(iter(ENTRIES))
    assert [list(index.fitting(group, name)) for _ in range(2)] == [found, found]


def test_nothing_is_looked_at_before_it_is_asked() -> None:
    entries = iter(ENTRIES)
    index = PatternIndex(entries)
    assert next(entries) == ENTRIES[0]
    assert list(index.fitting("b", "demo")) == [2]
    assert list(entries) == []


WORDS = st.text(st.sampled_from("ab-*?[]"), max_size=4)


@given(st.lists(st.none() | WORDS), st.text(st.sampled_from("ab-"), max_size=4))
def test_finds_what_trying_all_of_them_would(patterns: list[str | None], name: str) -> None:
    index = PatternIndex(("", pattern, position) for position, pattern in enumerate(patterns))
    expected = [
        position for position, pattern in enumerate(patterns) if pattern is None or fnmatch.fnmatchcase(name, pattern)
    ]
    assert list(index.fitting("", name)) == expected
