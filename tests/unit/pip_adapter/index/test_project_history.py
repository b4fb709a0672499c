"""Test what the pages of an index say about the history of a project."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone

import pytest
from pip._internal.models.link import Link

from pip_guard.facts.resolution import ProjectHistoryFacts
from pip_guard.facts.violation import Severity
from pip_guard.pip_adapter.index.project_history import ProjectPages
from pip_guard.pip_adapter.index.upload_times import utc_now
from pip_guard.policy.model import Policy, Releases, parse_locations
from tests.kit.index import LocalIndex
from tests.kit.wheels import make_wheel
from tests.unit.engine.factories import make_session
from tests.unit.factories import ARGUMENT, NOW, make_candidate_facts
from tests.unit.pip_adapter.guarded_pip import QUIET, TRY, GuardedPip

PAGE = "https://pypi.example/simple/demo/"
DEMO = make_candidate_facts()


def link(name: str, *, days: float | None, page: str | None = PAGE) -> Link:
    uploaded = None if days is None else NOW - timedelta(days=days)
    return Link(f"https://files.example/{name}", comes_from=page, upload_time=uploaded)


WHEEL = link("demo-1.0-py3-none-any.whl", days=5)


def histories(
    *links: Link, of: Link | None = None, page: str = PAGE, policy: Policy | None = None
) -> list[ProjectHistoryFacts]:
    pages = ProjectPages(make_session(policy or Policy()))
    pages.note(page, list(links))
    return list(pages.history(DEMO, of or links[0], "1.0", installed=False, now=NOW))


def history(*, days: float, releases: int) -> ProjectHistoryFacts:
    return ProjectHistoryFacts(
        project="demo",
        version="1.0",
        origin=ARGUMENT,
        first_upload=NOW - timedelta(days=days),
        releases=releases,
        now=NOW,
    )


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        pytest.param([WHEEL], history(days=5, releases=1), id="one-file"),
        pytest.param([WHEEL, link("demo-1.0.tar.gz", days=9)], history(days=9, releases=1), id="one-release"),
        pytest.param([WHEEL, link("demo-0.9.zip", days=6)], history(days=6, releases=2), id="newest-first"),
        pytest.param([link("Demo-0.1.tar.gz", days=300), WHEEL], history(days=300, releases=2), id="oldest-first"),
        pytest.param([WHEEL, link("demo-0.1.tar.gz", days=None)], history(days=5, releases=2), id="one-without-a-time"),
        pytest.param([WHEEL, link("README.html", days=8)], history(days=8, releases=1), id="no-distribution"),
    ],
)
def test_describes_projects_that_may_be_new(links: list[Link], expected: ProjectHistoryFacts) -> None:
    assert histories(*links) == [expected]


@pytest.mark.parametrize(
    "links",
    [
        pytest.param([WHEEL, link("demo-0.1.tar.gz", days=360)], id="old"),
        pytest.param([link("demo-0.1.tar.gz", days=4000), WHEEL], id="old-first"),
        pytest.param([link("demo-1.0.tar.gz", days=None)], id="no-times"),
    ],
)
def test_says_nothing_of_others(links: list[Link]) -> None:
    assert histories(*links) == []


def test_time_without_a_zone_means_utc() -> None:
    naive = Link(WHEEL.url, comes_from=PAGE, upload_time=(NOW - timedelta(days=5)).replace(tzinfo=None))
    assert histories(naive) == [history(days=5, releases=1)]


LOCKED = link("demo-1.0-py3-none-any.whl", days=None, page="pylock.toml")


@pytest.mark.parametrize(
    ("of", "page", "known"),
    [
        pytest.param(LOCKED, PAGE, True, id="file-of-a-page-that-was-read"),
        pytest.param(LOCKED, PAGE.rstrip("/"), True, id="page-without-a-slash"),
        pytest.param(LOCKED, "https://pypi.example/simple/other/", False, id="page-of-another-project"),
        pytest.param(link("demo-1.1-py3-none-any.whl", days=None, page=None), PAGE, False, id="file-on-no-page"),
    ],
)
def test_finds_the_page_by_the_name_of_the_file(of: Link, page: str, known: bool) -> None:
    assert histories(WHEEL, of=of, page=page) == ([history(days=5, releases=1)] if known else [])


@pytest.mark.parametrize(
    "policy",
    [
        pytest.param(Policy(severities={"new-project": Severity.OFF}), id="rule-is-off"),
        pytest.param(
            Policy(releases=Releases(exempt_indexes=parse_locations(["https://pypi.example/simple/"]))),
            id="exempt-index",
        ),
        pytest.param(Policy(releases=Releases(minimum_project_age=timedelta())), id="no-age"),
    ],
)
def test_nothing_is_described_that_the_policy_does_not_ask_for(policy: Policy) -> None:
    assert histories(WHEEL, policy=policy) == []


def test_what_has_no_name_has_no_history() -> None:
    nameless = make_candidate_facts(project=None)
    pages = ProjectPages(make_session(Policy()))
    assert list(pages.history(nameless, WHEEL, "1.0", installed=False, now=NOW)) == []


def described(pip: GuardedPip, index: LocalIndex, *words: str) -> Iterable[tuple[str, int, bool]]:
    pip.policy = Policy(severities={name: severity for name, severity in QUIET.items() if name != "new-project"})
    assert pip.run(*TRY, index.url, *words) == 0
    return {(facts.project, facts.releases, facts.installed) for facts in pip.facts(ProjectHistoryFacts)}


def publish(index: LocalIndex, name: str, version: str = "1.0", *, requires: tuple[str, ...] = ()) -> None:
    uploaded: datetime = utc_now().astimezone(timezone.utc) - timedelta(days=5)
    index.publish(make_wheel(name, version, requires=requires), upload_time=uploaded)


def test_projects_that_pip_chooses_are_described_and_no_request_is_added(
    pip: GuardedPip, local_index: LocalIndex
) -> None:
    publish(local_index, "invented", requires=("also-invented",))
    publish(local_index, "invented", "1.1")
    publish(local_index, "also-invented")
    assert described(pip, local_index, "invented<1.1") == {("invented", 2, False), ("also-invented", 1, False)}
    pages = [path for path in local_index.paths if path.startswith("/simple/")]
    assert sorted(pages) == ["/simple/also-invented/", "/simple/invented/"]


@pytest.mark.parametrize(
    ("words", "installed"),
    [
        pytest.param(["--upgrade"], True, id="upgrade"),
        pytest.param(["--upgrade", "--ignore-installed"], False, id="not-looked-at"),
        pytest.param(["--upgrade", "--use-deprecated=legacy-resolver"], False, id="resolver-that-does-not-tell"),
    ],
)
def test_what_is_installed_is_marked(
    pip: GuardedPip, local_index: LocalIndex, words: list[str], installed: bool
) -> None:
    publish(local_index, "pytest", "9999.0")
    assert described(pip, local_index, "pytest", *words) == {("pytest", 1, installed)}
