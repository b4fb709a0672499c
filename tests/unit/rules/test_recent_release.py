"""Test the rule against files that were uploaded only a short while ago."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from pip_guard.facts.candidate import ReleaseFacts, TooNewFacts, TooNewFile
from pip_guard.facts.resolution import NoUploadTimeFacts
from pip_guard.facts.violation import Allow, Remedy, Severity, Violation
from pip_guard.policy.model import Policy, Releases
from pip_guard.policy.suggestions import approve
from pip_guard.rules.recent_release import RULE
from tests.unit.factories import ARGUMENT, DEPENDENCY, NOW, make_release_facts

THREE_DAYS = timedelta(days=3)


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Show times as they are given."""
    import time

    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def remedy(project: str, version: str | None = None) -> Remedy:
    return "Ask for an older version, or wait, or allow this one:", Allow(project, version)


@pytest.mark.parametrize(
    ("facts", "policy"),
    [
        pytest.param(make_release_facts(), Policy(), id="old"),
        pytest.param(make_release_facts(uploaded=NOW - THREE_DAYS), Policy(), id="old-enough"),
        pytest.param(
            make_release_facts(uploaded=NOW), Policy(releases=Releases(minimum_age=timedelta())), id="no-minimum"
        ),
        pytest.param(
            NoUploadTimeFacts(index="https://h.example/"),
            Policy(releases=Releases(unknown_age=Severity.OFF)),
            id="age-does-not-matter",
        ),
    ],
)
def test_lets_pass(facts: ReleaseFacts | NoUploadTimeFacts, policy: Policy) -> None:
    assert list(RULE.check(facts, policy)) == []


@pytest.mark.parametrize(
    ("age", "shown"),
    [
        pytest.param(
            timedelta(0), "was uploaded 0 minutes ago; it can be installed from 2026-05-04 12:00 UTC on.", id="now"
        ),
        pytest.param(
            timedelta(minutes=-5),
            "is dated in the future, 2026-05-01 12:05 UTC; it can be installed from 2026-05-04 12:05 UTC on.",
            id="in-the-future",
        ),
        pytest.param(
            timedelta(minutes=119, seconds=59),
            "was uploaded 119 minutes ago; it can be installed from 2026-05-04 10:00 UTC on.",
            id="minutes",
        ),
        pytest.param(
            timedelta(hours=2),
            "was uploaded 2 hours ago; it can be installed from 2026-05-04 10:00 UTC on.",
            id="hours",
        ),
        pytest.param(
            timedelta(hours=47),
            "was uploaded 47 hours ago; it can be installed from 2026-05-02 13:00 UTC on.",
            id="two-days",
        ),
        pytest.param(
            timedelta(hours=48), "was uploaded 2 days ago; it can be installed from 2026-05-02 12:00 UTC on.", id="days"
        ),
        pytest.param(
            timedelta(days=3, seconds=-1),
            "was uploaded 2 days ago; it can be installed from 2026-05-01 12:00 UTC on.",
            id="nearly",
        ),
    ],
)
def test_refuses_a_file_that_is_too_young(age: timedelta, shown: str) -> None:
    facts = make_release_facts(uploaded=NOW - age, origin=DEPENDENCY)
    assert list(RULE.check(facts, Policy())) == [
        Violation(
            message=f"pip would take demo-1.0-py3-none-any.whl, which {shown}",
            origin=DEPENDENCY,
            project="demo",
            version="1.0",
            remedy=remedy("demo", "1.0"),
        )
    ]


def test_policy_sets_the_age() -> None:
    policy = Policy(releases=Releases(minimum_age=timedelta(days=400)))
    (violation,) = RULE.check(make_release_facts(version=None), policy)
    assert violation.message.endswith("uploaded 365 days ago; it can be installed from 2026-06-05 12:00 UTC on.")
    assert violation.remedy == remedy("demo")


def young(*ages: int) -> TooNewFacts:
    files = tuple(
        TooNewFile(filename=f"demo-{age}.0.tar.gz", version=f"{age}.0", uploaded=NOW - timedelta(hours=age))
        for age in ages
    )
    return TooNewFacts(requirement="demo>=1", project="demo", files=files, now=NOW, origin=ARGUMENT)


@pytest.mark.parametrize(
    ("facts", "listed", "newest"),
    [
        pytest.param(
            young(5),
            "\ndemo-5.0.tar.gz was uploaded 5 hours ago; it can be installed from 2026-05-04 07:00 UTC on.",
            "5.0",
            id="one",
        ),
        pytest.param(
            young(7, 5, 9, 6),
            "\ndemo-5.0.tar.gz was uploaded 5 hours ago; it can be installed from 2026-05-04 07:00 UTC on."
            "\ndemo-6.0.tar.gz was uploaded 6 hours ago; it can be installed from 2026-05-04 06:00 UTC on."
            "\ndemo-7.0.tar.gz was uploaded 7 hours ago; it can be installed from 2026-05-04 05:00 UTC on.",
            "5.0",
            id="newest-of-four",
        ),
    ],
)
def test_says_why_nothing_is_found(facts: TooNewFacts, listed: str, newest: str) -> None:
    assert list(RULE.check(facts, Policy())) == [
        Violation(
            message=f"Every file matching demo>=1 is too new:{listed}",
            origin=ARGUMENT,
            project="demo",
            version=newest,
            remedy=remedy("demo", newest),
        )
    ]


def exempt(place: str) -> Remedy:
    return "If you trust the place, exempt it from the minimum age.", approve("exempt-indexes", place, "releases")


@pytest.mark.parametrize("severity", [Severity.WARNING, Severity.ERROR])
@pytest.mark.parametrize(
    ("place", "what", "remedy"),
    [
        pytest.param(
            "https://h.example/demo/",
            "the files on https://h.example/demo/ are: it gives no upload times",
            exempt("https://h.example/demo/"),
            id="index",
        ),
        pytest.param(
            "https://h.example/pylock/",
            "the files on https://h.example/pylock/ are: it gives no upload times",
            exempt("https://h.example/pylock/"),
            id="index-of-a-project-called-like-a-lock",
        ),
        *(
            pytest.param(
                lock,
                f"the files in {lock} are: no index gives their upload times",
                ("Exempt the places of the files in the policy, with [releases] exempt-indexes.",),
            )
            for lock in ("pylock.toml", "deep/pylock.ci.toml", "C:\\deep\\pylock.toml", "https://h.example/pylock.toml")
        ),
        *(
            pytest.param(file, f"{file} is: no index gives its upload time", exempt("https://h.example/"))
            for file in (
                "https://h.example/demo-1.0-py3-none-any.whl#sha256=0",
                "https://h.example/demo-1.0.tar.gz?x=/",
            )
        ),
    ],
)
def test_finds_what_has_no_age(place: str, what: str, remedy: Remedy, severity: Severity) -> None:
    policy = Policy(releases=Releases(unknown_age=severity))
    assert list(RULE.check(NoUploadTimeFacts(index=place), policy)) == [
        Violation(
            message=f"pip cannot tell how old {what}.",
            severity=severity,
            remedy=remedy,
        )
    ]
