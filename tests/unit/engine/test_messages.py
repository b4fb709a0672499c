"""Test what messages have in common."""

from __future__ import annotations

import pytest

from pip_guard.engine.messages import name_some


@pytest.mark.parametrize(
    ("names", "text"),
    [
        pytest.param("", "", id="none"),
        pytest.param("a", "a", id="one"),
        pytest.param("abc", "a, b, c", id="just-so-many"),
        pytest.param("abcde", "a, b, c, and 2 more", id="more"),
    ],
)
def test_names_some_and_counts_the_others(names: str, text: str) -> None:
    assert name_some(names, 3) == text


def test_others_are_counted_in_words_of_the_caller() -> None:
    assert name_some("abcd", 2, separator="; ", rest="older") == "a; b; and 2 older"
