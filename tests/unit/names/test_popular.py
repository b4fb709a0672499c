"""Test how the names of popular projects are looked up."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pip_guard.names.popular import KNOWN, MISTYPED, POPULAR, PopularNames, popular_names


def by_length(line: str) -> tuple[int, str]:
    return len(line), line


def make_names(**marks: str) -> PopularNames:
    lines = sorted((f"{name.replace('_', '-')} {mark}\n" for name, mark in marks.items()), key=by_length)
    return PopularNames(lines=("# A comment on orange 5\n\n" + "".join(lines)).encode())


FRUIT = make_names(orange="0", oranges="8", orange_juice="3", apple="1", pineapple="2", pear="~", pera="?", fig="4")


@pytest.mark.parametrize(
    ("name", "mark"),
    [
        pytest.param("orange", "0", id="popular"),
        pytest.param("pear", KNOWN, id="known"),
        pytest.param("pera", MISTYPED, id="mistyped"),
        pytest.param("apple", "1", id="first"),
        pytest.param("pineapple", "2", id="last"),
        pytest.param("orang", None, id="start-of-a-name"),
        pytest.param("range", None, id="end-of-a-name"),
        pytest.param("comment", None, id="in-a-comment"),
        pytest.param("0", None, id="sorts-first"),
        pytest.param("zucchini", None, id="sorts-last"),
    ],
)
def test_marks(name: str, mark: str | None) -> None:
    assert FRUIT.mark(name) == mark


@pytest.mark.parametrize(
    ("name", "reach", "found"),
    [
        pytest.param("orangge", 1, {"orange", "oranges"}, id="same-start"),
        pytest.param("xrange", 1, {"orange"}, id="same-end"),
        pytest.param("poneapplr", 2, {"pineapple"}, id="same-middle"),
        pytest.param("poneapplr", 1, set(), id="middle-counts-for-two-edits-only"),
        pytest.param("perr", 1, set(), id="only-popular-names"),
        pytest.param("orange", 1, {"oranges"}, id="not-itself"),
        pytest.param("orange-joice", 2, {"orange-juice"}, id="about-as-long"),
        pytest.param("figs", 1, set(), id="short-names-are-nobodys-target"),
    ],
)
def test_finds_near_names(name: str, reach: int, found: set[str]) -> None:
    assert {target for target, _ in FRUIT.near(name, reach=reach)} == found


@given(name=st.text("abc", min_size=4, max_size=9), at=st.integers(0, 8), letter=st.sampled_from(["", "a", "b", "-"]))
def test_finds_every_name_that_is_one_edit_away(name: str, at: int, letter: str) -> None:
    target = name[:at] + letter + name[at + 1 :]
    names = PopularNames(lines=f"\n{target} 0\n".encode())
    near = dict(names.near(name, reach=1))
    assert near == ({target: "0"} if target != name and len(target) >= 4 else {})


@given(name=st.text("abc", min_size=4, max_size=9), at=st.integers(0, 7))
def test_finds_every_name_with_two_letters_swapped(name: str, at: int) -> None:
    target = name[:at] + name[at : at + 2][::-1] + name[at + 2 :]
    names = PopularNames(lines=f"\n{target} 0\n".encode())
    assert dict(names.near(name, reach=1)) == ({target: "0"} if target != name else {})


def test_counts_names_of_a_family() -> None:
    assert [FRUIT.count(prefix) for prefix in ("orange", "orange-", "pe", "z")] == [3, 1, 2, 0]


def test_looks_through_all_names_once_for_each_family() -> None:
    asked = []

    class Lines(bytes):
        def count(self, *arguments: Any) -> int:
            asked.append(arguments)
            return super().count(*arguments)

    names = PopularNames(lines=Lines(FRUIT.lines))
    assert [names.count("orange-"), names.count("orange-"), names.count("pe")] == [1, 1, 2]
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("letters", "found"),
    [("neapp", True), ("\npear", True), ("juice ", True), ("\neapp", False), ("orang ", False)],
)
def test_finds_letters(letters: str, found: bool) -> None:
    assert FRUIT.has_letters(letters) is found


def test_ships_names_of_15000_projects() -> None:
    content = popular_names().lines
    head, _, body = content.decode("ascii").partition("\n\n")
    lines = body.splitlines()
    marks = Counter(line[-1] for line in lines)
    assert all(line.startswith("#") for line in head.splitlines())
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)* [0-8~?]", line) for line in lines)
    assert lines == sorted(set(lines), key=by_length)
    assert sum(marks[mark] for mark in POPULAR) >= 15_000
    assert [round(marks[mark], -1) for mark in POPULAR[:6]] == [50, 50, 100, 200, 400, 800]


def test_takes_little_room_in_a_wheel() -> None:
    assert len(zlib.compress(popular_names().lines)) < 120_000


def test_reads_the_names_once() -> None:
    assert popular_names() is popular_names()
