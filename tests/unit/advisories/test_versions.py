"""Test how versions are compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from pip_guard.advisories.versions import canonical, lowest, parse
from tests.unit.advisories.strategies import versions


@pytest.mark.parametrize(
    ("version", "spelling"),
    [
        pytest.param("1", "1", id="one-number"),
        pytest.param("1.0.0", "1", id="trailing-zeros"),
        pytest.param("0.0", "0", id="nothing-but-zeros"),
        pytest.param("1.10", "1.10", id="zero-in-a-number"),
        pytest.param("1.0.10", "1.0.10", id="zero-inside"),
        pytest.param("01.2", "1.2", id="leading-zero"),
        pytest.param("1.0RC1", "1rc1", id="pre-release"),
        pytest.param("1!2.0", "1!2", id="epoch"),
        pytest.param("2004d", "2004d", id="no-version"),
        pytest.param("", "", id="nothing"),
        pytest.param("1.٢", "1.٢", id="other-digits"),
    ],
)
def test_equal_versions_have_one_spelling(version: str, spelling: str) -> None:
    assert canonical(version) == spelling


@given(versions, versions)
def test_versions_are_spelled_alike_if_they_are_equal(one: str, other: str) -> None:
    assert (canonical(one) == canonical(other)) == (Version(one) == Version(other))


@given(versions)
def test_spelling_means_the_same(version: str) -> None:
    assert Version(canonical(version)) == Version(version)


@given(st.text(max_size=10))
def test_any_text_has_a_spelling_and_may_be_no_version(text: str) -> None:
    assert isinstance(canonical(text), str)
    assert parse(text) is None or isinstance(parse(text), Version)


@given(versions)
def test_no_version_is_lower_than_the_lowest(version: str) -> None:
    assert Version(version) >= lowest()
