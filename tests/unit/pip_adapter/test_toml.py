"""Test the parser of policy files."""

from __future__ import annotations

from datetime import date

import pytest

from pip_guard.pip_adapter.toml import TOMLError, parse_toml


def test_parses() -> None:
    text = 'a = "ä"\nb = [1, 2.5, true]\n[c]\nd = 2027-01-31\n[[e]]\nf = 1\n'
    assert parse_toml(text) == {"a": "ä", "b": [1, 2.5, True], "c": {"d": date(2027, 1, 31)}, "e": [{"f": 1}]}


@pytest.mark.parametrize("text", ["a =", "a = 1\na = 2", "[a", "a = 'x", "\ufeffa = 1", "a = \x00"])
def test_says_where_it_cannot(text: str) -> None:
    with pytest.raises(TOMLError, match=r"\(at (line \d+, column \d+|end of document)\)"):
        parse_toml(text)
