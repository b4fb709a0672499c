"""Test the parser of policy files."""

from __future__ import annotations

import sys
from datetime import date

import pytest

from pip_guard.policy import toml
from pip_guard.policy.toml import TOMLError, parse_toml
from tests.kit.interpreter import load_again

TEXT = 'a = "ä"\nb = [1, 2.5, true]\n[c]\nd = 2027-01-31\n[[e]]\nf = 1\n'
PARSED = {"a": "ä", "b": [1, 2.5, True], "c": {"d": date(2027, 1, 31)}, "e": [{"f": 1}]}


def test_parses() -> None:
    assert parse_toml(TEXT) == PARSED


def test_parses_on_an_old_python_with_what_pip_brings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 13))
    older = load_again(toml)
    assert older.TOMLError.__module__.startswith("pip._vendor.tomli")
    assert older.parse_toml(TEXT) == PARSED
    with pytest.raises(older.TOMLError, match=r"\(at line 1, column 4\)|end of document"):
        older.parse_toml("a =")


@pytest.mark.parametrize("text", ["a =", "a = 1\na = 2", "[a", "a = 'x", "\ufeffa = 1", "a = \x00"])
def test_says_where_it_cannot(text: str) -> None:
    with pytest.raises(TOMLError, match=r"\(at (line \d+, column \d+|end of document)\)"):
        parse_toml(text)
