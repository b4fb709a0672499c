"""Test the patterns that are compiled when they are first used."""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest

import pip_guard
from pip_guard.lazy_pattern import _LazyPattern, lazy_pattern


def test_does_what_the_pattern_does() -> None:
    pattern = lazy_pattern(r"(?P<letter>[a-z])\d", re.IGNORECASE)
    assert [match["letter"] for match in pattern.finditer("A1 b2 33")] == ["A", "b"]
    assert pattern.sub("-", "a1 b2") == "- -"
    assert lazy_pattern(rb"\s+").split(b"a  b") == [b"a", b"b"]


def test_compiles_by_the_first_use_and_never_again(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    compile_pattern = re.compile

    def compile_and_note(pattern: str, flags: int) -> re.Pattern[str]:
        compiled.append(pattern)
        return compile_pattern(pattern, flags)

    monkeypatch.setattr("pip_guard.lazy_pattern.re.compile", compile_and_note)
    pattern = lazy_pattern("a+")
    assert compiled == []
    assert pattern.fullmatch("aaa")
    assert pattern.fullmatch("b") is None
    assert compiled == ["a+"]


def test_says_what_is_wrong_with_a_pattern_by_its_use() -> None:
    pattern = lazy_pattern("(")
    with pytest.raises(re.error, match="missing"):
        pattern.match("x")


def test_every_pattern_of_pip_guard_can_be_compiled() -> None:
    modules = [module.name for module in pkgutil.walk_packages(pip_guard.__path__, "pip_guard.")]
    patterns = [
        value
        for name in modules
        if not name.endswith("__main__")
        for value in vars(importlib.import_module(name)).values()
        if isinstance(value, _LazyPattern)
    ]
    assert len(patterns) > 20
    for pattern in patterns:
        assert isinstance(pattern.groups, int)
