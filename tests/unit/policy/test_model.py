"""Test what a policy allows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from pip_guard.facts.violation import Severity, Violation
from pip_guard.policy.exceptions import PolicyException
from pip_guard.policy.model import (
    DEFAULT_FILE_HOSTS,
    DEFAULT_INDEXES,
    Indexes,
    LocalFindLinks,
    LocalProjects,
    Mode,
    Policy,
    Releases,
    parse_locations,
)
from pip_guard.urls.location import InvalidURL, parse_location
from tests.unit.factories import make_exception, make_violation

TODAY = date(2026, 5, 1)
YESTERDAY = date(2026, 4, 30)
PLACE = parse_location("https://files.example/")
GOOD = "sha256:" + "a" * 64
PLACE = parse_location("https://git.example/acme/")
BAD = "sha256:" + "b" * 64


@pytest.mark.parametrize(
    ("exception", "violation"),
    [
        pytest.param(make_exception(), make_violation(), id="rule-alone"),
        pytest.param(make_exception(), make_violation(project="demo", version="1"), id="rule-alone-for-a-project"),
        pytest.param(make_exception(project="demo"), make_violation(project="demo"), id="project"),
        pytest.param(make_exception(project="acme-*"), make_violation(project="acme-tools"), id="pattern"),
        pytest.param(make_exception(project="*"), make_violation(project="demo"), id="any-project"),
        pytest.param(make_exception(expires=TODAY), make_violation(), id="last-day"),
        pytest.param(make_exception(version="==1.0"), make_violation(version="1.0"), id="version"),
        pytest.param(make_exception(version="==1.0"), make_violation(version="1"), id="version-is-compared-as-one"),
        pytest.param(make_exception(version=">=1,<2"), make_violation(version="1.5"), id="range"),
        pytest.param(make_exception(version=">=1"), make_violation(version="2.0rc1"), id="pre-release"),
        pytest.param(make_exception(hash=GOOD), make_violation(hashes=frozenset({GOOD})), id="hash"),
        pytest.param(make_exception(hash=GOOD), make_violation(hashes=frozenset({GOOD, BAD})), id="one-of-its-hashes"),
        pytest.param(
            make_exception(url=PLACE), make_violation(place="https://git.example/acme/tool"), id="place-below"
        ),
        pytest.param(make_exception(url=PLACE), make_violation(place="git+https://git.example/acme"), id="repository"),
        pytest.param(
            make_exception(url=PLACE), make_violation(place="git+https://git.example/acme/a@v1.0"), id="revision"
        ),
        pytest.param(
            make_exception(project="demo", version="<2", hash=GOOD, expires=TODAY),
            make_violation(project="demo", version="1", hashes=frozenset({GOOD})),
            id="all-together",
        ),
    ],
)
def test_exception_excuses(exception: PolicyException, violation: Violation) -> None:
    assert exception.excuses("bad-thing", violation, TODAY)


@pytest.mark.parametrize(
    ("exception", "violation"),
    [
        pytest.param(make_exception(rule="other"), make_violation(), id="other-rule"),
        pytest.param(make_exception(expires=YESTERDAY), make_violation(), id="expired"),
        pytest.param(make_exception(project="demo"), make_violation(project="demo2"), id="longer-name"),
        pytest.param(make_exception(project="demo"), make_violation(project="my-demo"), id="name-inside"),
        pytest.param(make_exception(project="demo"), make_violation(), id="no-name"),
        pytest.param(make_exception(project="*"), make_violation(), id="pattern-needs-a-name"),
        pytest.param(make_exception(project="acme-*"), make_violation(project="acme"), id="pattern"),
        pytest.param(make_exception(version="==1.0"), make_violation(version="1.0.1"), id="other-version"),
        pytest.param(make_exception(version="==1.0"), make_violation(version="1.0.post1"), id="post-release"),
        pytest.param(make_exception(version="==1.0"), make_violation(), id="no-version"),
        pytest.param(make_exception(version=">=0"), make_violation(version="not a version"), id="broken-version"),
        pytest.param(make_exception(hash=GOOD), make_violation(hashes=frozenset({BAD})), id="other-hash"),
        pytest.param(make_exception(hash=GOOD), make_violation(), id="no-hash"),
        pytest.param(
            make_exception(url=PLACE), make_violation(place="https://git.example/acme-evil"), id="longer-place"
        ),
        pytest.param(make_exception(url=PLACE), make_violation(place="git+ssh://git.example/acme"), id="transport"),
        pytest.param(make_exception(url=PLACE), make_violation(place="https://git.example/acme/../x"), id="way-out"),
        pytest.param(make_exception(url=PLACE), make_violation(), id="no-place"),
        pytest.param(
            make_exception(project="demo", version="<2", hash=GOOD),
            make_violation(project="demo", version="2", hashes=frozenset({GOOD})),
            id="all-but-one",
        ),
    ],
)
def test_exception_does_not_excuse(exception: PolicyException, violation: Violation) -> None:
    assert not exception.excuses("bad-thing", violation, TODAY)


@pytest.mark.parametrize(
    ("exceptions", "found"),
    [
        pytest.param((), None, id="none"),
        pytest.param((make_exception(project="other"),), None, id="none-that-fits"),
        pytest.param(
            (make_exception(project="other"), make_exception(reason="a"), make_exception(reason="b")),
            make_exception(reason="a"),
            id="first-that-fits",
        ),
    ],
)
def test_finds_the_exception_for_a_violation(
    exceptions: tuple[PolicyException, ...], found: PolicyException | None
) -> None:
    policy = Policy(exceptions=exceptions)
    assert policy.exception_for("bad-thing", make_violation(project="demo"), TODAY) == found


@pytest.mark.parametrize("default", list(Severity))
def test_severity_is_the_rules_own_unless_it_is_set(default: Severity) -> None:
    policy = Policy(severities={"bad-thing": Severity.WARNING})
    assert policy.severity("bad-thing", default) is Severity.WARNING
    assert policy.severity("other", default) is default


@pytest.mark.parametrize(
    ("policy", "passes"),
    [
        pytest.param(Policy(), False, id="default"),
        pytest.param(Policy(severities={"bad-thing": Severity.ERROR}), False, id="error"),
        pytest.param(Policy(severities={"bad-thing": Severity.WARNING}), True, id="warning"),
        pytest.param(Policy(severities={"bad-thing": Severity.OFF}), True, id="off"),
        pytest.param(Policy(severities={"other": Severity.OFF}), False, id="other-rule-is-off"),
        pytest.param(Policy(mode=Mode.OBSERVE), True, id="only-observed"),
        pytest.param(Policy(exceptions=(make_exception(),)), True, id="every-project"),
        pytest.param(Policy(exceptions=(make_exception(project="demo"),)), True, id="project"),
        pytest.param(Policy(exceptions=(make_exception(project="de*"),)), True, id="pattern"),
        pytest.param(Policy(exceptions=(make_exception(version="==9", hash=GOOD),)), True, id="some-version"),
        pytest.param(Policy(exceptions=(make_exception(expires=TODAY),)), True, id="last-day"),
        pytest.param(Policy(exceptions=(make_exception(expires=YESTERDAY),)), False, id="expired"),
        pytest.param(Policy(exceptions=(make_exception(project="other"),)), False, id="other-project"),
        pytest.param(Policy(exceptions=(make_exception(rule="other"),)), False, id="other-rule"),
        pytest.param(Policy(exceptions=(make_exception(url=PLACE),)), False, id="place"),
        pytest.param(Policy(exceptions=(make_exception(project="demo", url=PLACE),)), True, id="project-in-a-place"),
    ],
)
def test_project_may_pass_if_some_version_of_it_could(policy: Policy, passes: bool) -> None:
    assert policy.lets_pass("bad-thing", "demo", TODAY) is passes


def test_defaults_are_the_public_index_and_consent_by_the_command_line() -> None:
    policy = Policy()
    assert policy.indexes == Indexes(
        approved=(parse_location("https://pypi.org/simple/"),),
        file_hosts=(parse_location("https://files.pythonhosted.org/"),),
        local_find_links=LocalFindLinks.COMMAND_LINE,
        projects={},
    )
    assert policy.local_projects is LocalProjects.COMMAND_LINE
    assert policy.releases == Releases(minimum_age=timedelta(days=3), exempt_indexes=(), unknown_age=Severity.WARNING)
    assert (policy.severities, policy.exceptions) == ({}, ())
    assert parse_locations(DEFAULT_INDEXES + DEFAULT_FILE_HOSTS) == (
        *policy.indexes.approved,
        *policy.indexes.file_hosts,
    )


def test_approved_url_must_be_valid() -> None:
    with pytest.raises(InvalidURL):
        parse_locations(["https://pypi.org/simple/", "pypi.org"])


@pytest.mark.parametrize(
    ("project", "owner"),
    [
        pytest.param("acme-tools", "https://first.example/", id="first-pattern-that-fits"),
        pytest.param("acme-web", "https://first.example/", id="pattern"),
        pytest.param("internal", "https://second.example/", id="name"),
        pytest.param("acme", None, id="pattern-does-not-fit"),
        pytest.param("requests", None, id="pinned-to-none"),
    ],
)
def test_project_is_pinned_to_the_index_of_the_first_pattern(project: str, owner: str | None) -> None:
    first, second = parse_locations(["https://first.example/", "https://second.example/"])
    indexes = Indexes(projects={"acme-*": first, "acme-tools": second, "internal": second})
    assert indexes.owner(project) == (None if owner is None else parse_location(owner))


@pytest.mark.parametrize(
    ("host", "port", "known"),
    [
        pytest.param("pypi.org", 443, True, id="index"),
        pytest.param("files.pythonhosted.org", 443, True, id="file-host"),
        pytest.param("proxy.example", 3128, True, id="proxy"),
        pytest.param("PyPI.org.", 443, True, id="other-spelling"),
        pytest.param("pypi.org", 80, False, id="other-port"),
        pytest.param("pypi.org", None, False, id="no-port"),
        pytest.param("evil.pypi.org", 443, False, id="host-below"),
        pytest.param("pypi.org.evil.example", 443, False, id="host-above"),
        pytest.param("proxy.example", 443, False, id="proxy-on-another-port"),
    ],
)
def test_knows_the_hosts_of_approved_places(host: str, port: int | None, known: bool) -> None:
    indexes = Indexes(proxies=parse_locations(["http://proxy.example:3128"]))
    assert indexes.knows_host(host, port) is known
