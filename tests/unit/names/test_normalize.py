"""Test how names of projects are normalised."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import canonicalize_name

from pip_guard.names.normalize import normalize_name


@pytest.mark.parametrize(
    ("name", "normal"),
    [
        pytest.param("requests", "requests", id="normal"),
        pytest.param("Flask", "flask", id="capital"),
        pytest.param("zope.interface", "zope-interface", id="dot"),
        pytest.param("typing_extensions", "typing-extensions", id="underscore"),
        pytest.param("a-_.b", "a-b", id="run-of-separators"),
        pytest.param("Acme_*", "acme-*", id="pattern"),
        pytest.param("acme?", "acme?", id="pattern-of-one-character"),
    ],
)
def test_normalizes(name: str, normal: str) -> None:
    assert normalize_name(name) == normal


@given(name=st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?", fullmatch=True))
def test_agrees_with_packaging(name: str) -> None:
    assert normalize_name(name) == canonicalize_name(name)


@given(st.text(st.sampled_from("aA0-_.*ßΣσªǅ")))
def test_form_is_that_of_the_specification(name: str) -> None:
    assert normalize_name(name) == re.sub(r"[-_.]+", "-", name).lower()
