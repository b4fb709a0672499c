"""Test which member names mislead."""

from __future__ import annotations

import tracemalloc

import pytest

from pip_guard.distributions.wheel.member_names import check_bounds, check_names, find_folders


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(["a.py", "b/a.py", "b/.hidden", "b/..c", "b/...x", "b/"], id="ordinary"),
        pytest.param(["b/with space.txt", "b/ü.txt", "b/[x]{y}.txt", "b/\U0001f468\u200d\U0001f469.svg"], id="unusual"),
    ],
)
def test_lets_ordinary_names_pass(names: list[str]) -> None:
    assert list(check_names(names)) == []


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("", id="empty"),
        pytest.param("/etc/passwd", id="absolute"),
        pytest.param("//server/share", id="network"),
        pytest.param("../a.py", id="parent"),
        pytest.param("a/../b.py", id="parent-inside"),
        pytest.param("a/..", id="parent-at-the-end"),
        pytest.param("./a.py", id="itself"),
        pytest.param("a/./b.py", id="itself-inside"),
        pytest.param("a//b.py", id="empty-part"),
        pytest.param("C:/a.py", id="drive"),
        pytest.param("a.py:stream", id="stream"),
        pytest.param("a\\b.py", id="backslash"),
        pytest.param("..\\b.py", id="parent-on-windows"),
        pytest.param("evil.pth.", id="dot-at-the-end"),
        pytest.param("evil.pth ", id="space-at-the-end"),
        pytest.param("a /b.py", id="space-at-the-end-of-a-folder"),
        pytest.param("a\0.py", id="nul"),
        pytest.param("a\n.py", id="newline"),
        pytest.param("a\x85.py", id="next-line"),
        pytest.param("a\u2028.py", id="line-separator"),
        pytest.param("a\u202eyp.exe", id="right-to-left-override"),
        pytest.param("a\u2066yp.exe", id="isolate"),
        pytest.param("a\u200fyp.exe", id="right-to-left-mark"),
    ],
)
def test_finds_misleading_names(name: str) -> None:
    assert list(check_names([name])) == [f"the name {name!r} misleads"]


@pytest.mark.parametrize(
    ("names", "defect"),
    [
        pytest.param(["a.py", "a.py"], "a.py is there twice", id="twice"),
        pytest.param(["a.py", "A.py"], "A.py and a.py are one file on some systems", id="case"),
        pytest.param(
            ["\u00e9.py", "e\u0301.py"], "e\u0301.py and \u00e9.py are one file on some systems", id="normal-form"
        ),
        pytest.param(["a", "a/b.py"], "a is a file, and a folder of others", id="file-and-folder"),
        pytest.param(["a/", "a"], "a is a file, and a folder of others", id="file-and-empty-folder"),
        pytest.param(["B/a", "b/A/c/d.py"], "B/a is a file, and a folder of others", id="file-and-folder-but-for-case"),
    ],
)
def test_finds_names_that_are_one(names: list[str], defect: str) -> None:
    assert list(check_names(iter(names))) == [defect]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("a" * 1025, id="long"),
        pytest.param("a" * 256 + ".py", id="long-part"),
        pytest.param("a/" * 65 + "a", id="deep"),
    ],
)
def test_finds_names_that_are_too_long(name: str) -> None:
    assert list(check_bounds(["a/b.py", name])) == [f"the name {name[:40]!r}... is too long"]


def test_finds_folders_up_to_a_depth() -> None:
    assert find_folders(["a/b/c.py", "/d/e", "f", "a/g/", "1/2/3/4/5/6/7/8/9/10"]) == {
        *("a", "a/b", "/d", "a/g"),
        *("1", "1/2", "1/2/3", "1/2/3/4", "1/2/3/4/5", "1/2/3/4/5/6", "1/2/3/4/5/6/7", "1/2/3/4/5/6/7/8"),
    }


def test_deep_names_cost_no_more_than_they_are_long() -> None:
    tracemalloc.start()
    assert list(check_names(["a/" * 16_000 + "b"])) == []
    assert len(find_folders(["a/" * 16_000 + "b"])) == 8
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()
