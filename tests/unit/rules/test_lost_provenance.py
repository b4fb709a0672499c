"""Test which files have lost the provenance that a project had, by histories of releases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pip_guard.facts.resolution import ListedFile, ProvenanceFacts
from pip_guard.facts.violation import Allow, Violation
from pip_guard.policy.model import Policy, Releases
from pip_guard.rules.lost_provenance import RULE
from tests.unit.factories import NOW, REQUIREMENTS, make_listed_file

HASHES = frozenset({"sha256:" + "a" * 64})
Row = tuple[str, float, dict[str, Any]]
# Three releases that have it.
ATTESTED: tuple[Row, ...] = (("1.0", 90, {}), ("1.1", 60, {}), ("1.2", 30, {}))
NOT = {"attested": False}
SDIST = {"platform": "sdist"}
WINDOWS = {"platform": "win_amd64"}
LINUX = {"platform": "manylinux_x86_64"}
PRE = {"is_prerelease": True}


def listed(row: Row) -> ListedFile:
    version, days, only_what_matters = row
    return make_listed_file(version, days=days, **only_what_matters)


def facts(chosen: Row, *earlier: Row) -> ProvenanceFacts:
    file = listed(chosen)
    files = (*map(listed, earlier), file)
    return ProvenanceFacts(project="tool", file=file, files=files, origin=REQUIREMENTS, now=NOW, hashes=HASHES)


@pytest.mark.parametrize(
    ("chosen", "earlier", "last"),
    [
        pytest.param(("1.2.1", 5, NOT), ATTESTED, "1.2", id="patch-release"),
        pytest.param(("2.0", 5, NOT), ATTESTED, "1.2", id="new-major-version"),
        pytest.param(("1.3", 5, NOT | SDIST), ATTESTED, "1.2", id="first-sdist"),
        pytest.param(("1.2", 5, NOT | WINDOWS), ATTESTED, "1.2", id="first-wheel-for-a-platform-added-to-a-release"),
        pytest.param(("1.3a1", 5, NOT | PRE), ATTESTED, "1.2", id="first-pre-release"),
        pytest.param(
            ("1.3", 5, NOT | WINDOWS),
            [(version, days, platform) for version, days, _ in ATTESTED for platform in (LINUX, WINDOWS)],
            "1.2",
            id="one-platform",
        ),
        pytest.param(
            ("1.2.1", 5, NOT), [*ATTESTED, ("1.2", 30, NOT | SDIST)], "1.2", id="wheel-where-sdists-never-had-it"
        ),
        pytest.param(("1.3", 5, NOT), [*ATTESTED, ("1.3a1", 20, NOT | PRE)], "1.2", id="pre-release-without-between"),
        pytest.param(("1.3", 5, NOT), [*ATTESTED, ("1.2.1", 20, NOT | {"yanked": True})], "1.2", id="yanked-between"),
        pytest.param(("1.2.2", 1, NOT), [*ATTESTED, ("1.2.1", 2, NOT)], "1.2", id="second-within-the-minimum-age"),
        pytest.param(("1.3", 1, NOT), [*ATTESTED, ("1.2.1", 2, {})], "1.2", id="hint-names-what-is-old-enough"),
        pytest.param(
            ("1.3", 1, NOT), [("1.0", 2.5, {}), ("1.1", 2, {}), ("1.2", 1.5, {})], "1.2", id="all-are-too-new"
        ),
        pytest.param(("1.3", 5, NOT), [("0.9", 400, NOT), *ATTESTED], "1.2", id="before-the-year"),
        pytest.param(("1.2.1", 5, NOT), [*ATTESTED, ("2.0", 20, NOT), ("2.1", 10, NOT)], "1.2", id="line-that-had-it"),
    ],
)
def test_refuses_a_file_that_lacks_what_all_before_it_had(chosen: Row, earlier: list[Row], last: str) -> None:
    version = chosen[0]
    remedy = f"Ask for tool=={last}, which has provenance, or find out why this one has none, and allow it:"
    assert list(RULE.check(facts(chosen, *earlier), Policy())) == [
        Violation(
            message=f"pip would take tool-{version}-py3-none-any.whl, which has no provenance (PEP 740), although every release"
            " of tool in the year before it had: it may not come from the project's repository.",
            origin=REQUIREMENTS,
            project="tool",
            version=version,
            hashes=HASHES,
            remedy=(remedy, Allow("tool", version)),
        )
    ]


@pytest.mark.parametrize(
    ("chosen", "earlier"),
    [
        pytest.param(("1.3", 5, {}), ATTESTED, id="all-have-it"),
        pytest.param(("1.3", 5, {}), [("1.2", 30, NOT)], id="first-that-has-it"),
        pytest.param(("1.3", 5, NOT), [], id="first-release"),
        pytest.param(("1.3", 5, NOT), [("1.2", 30, NOT)], id="never-had-it"),
        pytest.param(("1.3", 5, NOT), ATTESTED[1:], id="fewer-than-three"),
        pytest.param(("1.3", 5, NOT), [*ATTESTED[1:], ("1.2", 30, WINDOWS)], id="fewer-than-three-releases"),
        pytest.param(("1.3", 5, NOT), [*ATTESTED, ("1.2.1", 20, NOT)], id="had-lost-it-before"),
        pytest.param(("1.3", 5, NOT), [*ATTESTED, ("1.2.1", 20, NOT), ("1.2.2", 10, {})], id="had-it-again"),
        pytest.param(
            ("1.3", 5, NOT | WINDOWS), [*ATTESTED, ("1.2", 30, NOT | WINDOWS)], id="platform-that-never-had-it"
        ),
        pytest.param(("1.3", 5, NOT | SDIST), [*ATTESTED, ("1.2", 30, NOT | SDIST)], id="sdists-that-never-had-it"),
        pytest.param(("0.9.2", 5, NOT), [*ATTESTED, ("0.9.1", 20, NOT)], id="old-line-that-never-had-it"),
        pytest.param(
            ("1.3a2", 5, NOT | PRE), [*ATTESTED, ("1.3a1", 20, NOT | PRE)], id="pre-releases-that-never-had-it"
        ),
        pytest.param(("1.3", 5, NOT), [(row[0], row[1] + 400, {}) for row in ATTESTED], id="nothing-within-a-year"),
        pytest.param(("1.0", 100, NOT), ATTESTED, id="older-release"),
    ],
)
def test_says_nothing_of_others(chosen: Row, earlier: list[Row]) -> None:
    assert list(RULE.check(facts(chosen, *earlier), Policy())) == []


def test_minimum_age_is_that_of_the_policy() -> None:
    history = facts(("1.2.2", 1, NOT), *ATTESTED, ("1.2.1", 2, NOT))
    policy = Policy(releases=Releases(minimum_age=timedelta(days=1)))
    assert (len(list(RULE.check(history, Policy()))), list(RULE.check(history, policy))) == (1, [])
