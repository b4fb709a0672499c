"""Test which releases an advisory is about."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from pip_guard.advisories.interface import Release
from pip_guard.advisories.matching import describe, find_fixes, is_affected
from pip_guard.advisories.records import Affected, Event, Record
from pip_guard.advisories.versions import canonical
from pip_guard.facts.resolution import Advisory
from tests.unit.advisories.strategies import versions


def span(*events: tuple[str, str]) -> Affected:
    return Affected(ranges=(events,))


FROM_START = ("introduced", "0")
TWO_SPANS = (("introduced", "1.0"), ("fixed", "1.2"), ("introduced", "2.0"), ("fixed", "2.3"))


@pytest.mark.parametrize(
    ("version", "affected"),
    [
        pytest.param("1.0", span(FROM_START), id="all-versions"),
        pytest.param("0.dev0", span(FROM_START), id="lowest-version-of-all"),
        pytest.param("1.0.1", span(FROM_START, ("fixed", "1.0.2")), id="before-the-fix"),
        pytest.param("1.0.2rc1", span(FROM_START, ("fixed", "1.0.2")), id="candidate-of-the-fix"),
        pytest.param("1.0", span(("introduced", "1"), ("fixed", "2")), id="first-affected"),
        pytest.param("1.1", span(*TWO_SPANS), id="first-span"),
        pytest.param("2.2", span(*TWO_SPANS), id="second-span"),
        pytest.param("2.2", span(*reversed(TWO_SPANS)), id="events-in-another-order"),
        pytest.param(
            "2.0", span(("introduced", "1"), ("fixed", "2"), ("introduced", "2.0"), ("fixed", "3")), id="at-the-border"
        ),
        pytest.param("1.5.0", span(FROM_START, ("last_affected", "1.5")), id="last-affected"),
        pytest.param("1.0", span(FROM_START, ("limit", "2.0")), id="below-the-limit"),
        pytest.param("9", span(FROM_START, ("limit", "*")), id="no-limit"),
        pytest.param("2.5", span(FROM_START, ("limit", "2.0"), ("limit", "3.0")), id="below-one-of-the-limits"),
        pytest.param("9", span(FROM_START, ("limit", "two")), id="limit-that-cannot-be-read"),
        pytest.param("1.0", Affected(versions=frozenset({"1"})), id="listed"),
        pytest.param("2004d", Affected(versions=frozenset({"2004d"})), id="listed-and-no-version"),
        pytest.param(
            "5", Affected(ranges=((FROM_START, ("fixed", "2")),), versions=frozenset({"5"})), id="listed-beside-a-range"
        ),
        pytest.param("1.0", span(("introduced", "once"), ("fixed", "2")), id="beginning-that-cannot-be-read"),
        pytest.param("9", span(FROM_START, ("fixed", "soon")), id="end-that-cannot-be-read"),
        pytest.param("2004d", span(("introduced", "1"), ("fixed", "2")), id="version-that-cannot-be-compared"),
    ],
)
def test_version_is_affected(version: str, affected: Affected) -> None:
    assert is_affected(version, [Affected(), affected])


@pytest.mark.parametrize(
    ("version", "affected"),
    [
        pytest.param("1.0", Affected(), id="nothing-said"),
        pytest.param("1.0.2", span(FROM_START, ("fixed", "1.0.2")), id="fixed"),
        pytest.param("1.0.3", span(FROM_START, ("fixed", "1.0.2")), id="after-the-fix"),
        pytest.param("1.9", span(*TWO_SPANS), id="between-spans"),
        pytest.param("0.9", span(*TWO_SPANS), id="before-all"),
        pytest.param("1.5.1", span(FROM_START, ("last_affected", "1.5")), id="after-the-last"),
        pytest.param("2.0", span(FROM_START, ("limit", "2.0")), id="at-the-limit"),
        pytest.param("1.0", Affected(versions=frozenset({"1.0.1", "2"})), id="others-are-listed"),
        pytest.param("1", span(("fixed", "2")), id="never-introduced"),
        pytest.param("2", span(("introduced", "2"), ("fixed", "2.0")), id="empty-span"),
    ],
)
def test_version_is_not_affected(version: str, affected: Affected) -> None:
    assert not is_affected(version, [affected])


@given(versions, versions, versions)
def test_range_is_what_packaging_takes_it_for(version: str, first: str, fixed: str) -> None:
    assume(Version(first) <= Version(fixed))
    affected = span(("introduced", first), ("fixed", fixed))
    inside = Version(first) <= Version(version) < Version(fixed)
    assert is_affected(version, [affected]) == (inside or (first == "0" and Version(version) < Version(fixed)))


@given(versions, versions)
def test_last_affected_version_is_affected(version: str, last: str) -> None:
    assert is_affected(version, [span(FROM_START, ("last_affected", last))]) == (Version(version) <= Version(last))


@given(versions, st.lists(versions, min_size=2, max_size=6, unique_by=Version))
def test_order_of_events_does_not_count(version: str, bounds: list[str]) -> None:
    bounds.sort(key=Version)
    kinds = ["introduced", "fixed"] * 3
    events = [(kind, bound) for kind, bound in zip(kinds, bounds, strict=False) if bound != "0"]
    assert is_affected(version, [span(*events)]) == is_affected(version, [span(*reversed(events))])


@given(versions, st.lists(versions, max_size=4))
def test_listed_versions_are_those_that_packaging_finds_equal(version: str, listed: list[str]) -> None:
    affected = Affected(versions=frozenset(map(canonical, listed)))
    equal = any(SpecifierSet(f"=={other}").contains(version, prereleases=True) for other in listed)
    assert is_affected(version, [affected]) == equal


@given(versions, st.lists(versions, max_size=5))
def test_fixes_are_above_the_version_and_in_order(version: str, fixed: list[str]) -> None:
    events: list[Event] = [FROM_START, *(("fixed", one) for one in fixed)]
    found = find_fixes(version, [span(*events)])
    assert list(found) == sorted(found, key=Version)
    assert {Version(one) for one in found} == {Version(one) for one in fixed if Version(one) > Version(version)}


@pytest.mark.parametrize(
    ("version", "fixes"),
    [
        pytest.param("1.1", ("1.2", "2.3"), id="first-span"),
        pytest.param("2.1", ("2.3",), id="second-span"),
        pytest.param("9", (), id="none-above"),
        pytest.param("2004d", ("1.2", "2.3"), id="version-that-cannot-be-compared"),
    ],
)
def test_finds_the_fixes_of_a_version(version: str, fixes: tuple[str, ...]) -> None:
    assert find_fixes(version, [span(*TWO_SPANS, ("fixed", "soon")), Affected()]) == fixes


def test_describes_what_a_record_says_about_a_release() -> None:
    record = Record(
        id="PYSEC-2026-1",
        modified="2026-01-01T00:00:00Z",
        aliases=("CVE-2026-1",),
        summary="a bug",
        affected={"demo": (span(*TWO_SPANS),)},
    )
    expected = Advisory(
        id="PYSEC-2026-1", malicious=False, summary="a bug", aliases=("CVE-2026-1",), fixed=("1.2", "2.3")
    )
    assert describe(record, Release("demo", "1.1")) == expected
    assert describe(record, Release("other", "1.1")).fixed == ()
