"""Test which projects are new, and which are not although nothing older is known of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pip_guard.facts.resolution import ProjectHistoryFacts
from pip_guard.facts.violation import Allow, Violation
from pip_guard.policy.model import Policy, Releases
from pip_guard.rules.new_project import RULE
from pip_guard.urls.location import parse_location
from tests.unit.factories import DEPENDENCY, NOW, make_policy

HASHES = frozenset({"sha256:" + "a" * 64})
NAME = "flask-auth-helper"


def facts(*, age: timedelta, releases: int = 2, **only_what_matters: Any) -> ProjectHistoryFacts:
    values = {
        "project": NAME,
        "version": "0.1",
        "origin": DEPENDENCY,
        "hashes": HASHES,
        "now": NOW,
        **only_what_matters,
    }
    return ProjectHistoryFacts(first_upload=NOW - age, releases=releases, **values)


@pytest.mark.parametrize(
    ("facts", "history"),
    [
        pytest.param(facts(age=timedelta(hours=5)), "0 days ago, and it has 2 releases", id="today"),
        pytest.param(
            facts(age=timedelta(days=30) - timedelta(seconds=1)), "29 days ago, and it has 2 releases", id="month"
        ),
        pytest.param(
            facts(age=timedelta(days=29), releases=40), "29 days ago, and it has 40 releases", id="many-releases"
        ),
        pytest.param(
            facts(age=timedelta(days=30), releases=1), "30 days ago, and it has a single release", id="single"
        ),
        pytest.param(
            facts(age=timedelta(days=359), releases=1), "359 days ago, and it has a single release", id="year"
        ),
        pytest.param(
            facts(age=timedelta(days=5), releases=0), "5 days ago, and it has 0 releases", id="no-version-is-known"
        ),
        pytest.param(facts(age=-timedelta(days=5)), "0 days ago, and it has 2 releases", id="dated-in-the-future"),
    ],
)
def test_warns_of_a_new_project(facts: ProjectHistoryFacts, history: str) -> None:
    message = f"pip would take {NAME}, which is a new project: its first file was uploaded {history}."
    remedy = "Check the spelling on its project page, or ask whoever suggested it. If it is what you want, allow it:"
    assert list(RULE.check(facts, Policy())) == [
        Violation(
            message=message,
            origin=DEPENDENCY,
            project=NAME,
            version="0.1",
            hashes=HASHES,
            remedy=(remedy, Allow(NAME)),
        )
    ]


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param(facts(age=timedelta(days=30)), id="old-enough"),
        pytest.param(facts(age=timedelta(days=360), releases=1), id="old-enough-with-a-single-release"),
        pytest.param(facts(age=timedelta(days=1), installed=True), id="installed"),
        pytest.param(facts(age=timedelta(days=1), project="requests"), id="popular"),
        pytest.param(facts(age=timedelta(days=1), project="tqdm"), id="popular-and-short"),
    ],
)
def test_takes_others_for_known(facts: ProjectHistoryFacts) -> None:
    assert list(RULE.check(facts, Policy())) == []


@pytest.mark.parametrize(
    ("days", "new"),
    [pytest.param(0, False, id="none"), pytest.param(5, False, id="same"), pytest.param(6, True, id="more")],
)
def test_age_is_that_of_the_policy(days: int, new: bool) -> None:
    policy = Policy(releases=Releases(minimum_project_age=timedelta(days=days)))
    assert bool(list(RULE.check(facts(age=timedelta(days=5)), policy))) is new


def test_project_that_is_pinned_to_an_index_is_known() -> None:
    policy = make_policy(projects={"flask-*": parse_location("https://pypi.acme.example/simple/")})
    assert list(RULE.check(facts(age=timedelta(days=1)), policy)) == []
