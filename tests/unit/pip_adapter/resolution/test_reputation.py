"""Test which releases are asked about, and when a command waits for the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from pip._internal.index.collector import IndexContent
from pip._internal.models.link import Link
from pip._internal.req.constructors import install_req_from_line
from pip._internal.req.req_install import InstallRequirement

from pip_guard.advisories.interface import Transport
from pip_guard.facts.candidate import CandidateKind
from pip_guard.facts.origin import Facts
from pip_guard.facts.resolution import (
    Advisory,
    AdvisoryFacts,
    ExportFacts,
    NotQueriedFacts,
    ProjectStatus,
    SourceFailedFacts,
    StatusFacts,
)
from pip_guard.facts.violation import Severity
from pip_guard.pip_adapter.index.project_history import ProjectPages
from pip_guard.pip_adapter.resolution.candidates import COMMAND_LINE, Provenance
from pip_guard.pip_adapter.resolution.reputation import Reputation, chosen_releases
from pip_guard.policy.model import PUBLIC_PLACES, Advisories, Indexes, Policy, parse_locations
from pip_guard.urls.location import parse_location
from tests.kit.osv import make_malware, write_export
from tests.unit.advisories.factories import Replies, batch
from tests.unit.engine.factories import make_session
from tests.unit.factories import make_archive_facts, make_candidate_facts

PAGE = "https://pypi.example/simple/demo/"
WHEEL = "https://files.example/demo-1.0-py3-none-any.whl#sha256=" + "a" * 64
HASHES = frozenset({"sha256:" + "a" * 64})
OFF = dict.fromkeys(("known-malicious", "known-vulnerability", "yanked-release"), Severity.OFF)
MALWARE = Advisory(id="MAL-2026-1", malicious=True)

Use = Callable[..., Reputation]


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def use(tmp_path: Path) -> Use:
    """Make what a command learns, under a policy that names an export in which demo and other are malware."""
    records = [make_malware(), make_malware("MAL-2026-2", "other")]
    export = write_export(tmp_path / "export", *records)

    def use(*, waits: bool = False, severities: dict[str, Severity] | None = None, **fields: object) -> Reputation:
        source = parse_location(export.as_uri())
        advisories = Advisories(**{"source": source, **fields})  # type: ignore[arg-type]
        indexes = Indexes(approved=(), file_hosts=parse_locations(["https://approved.example/"]))
        policy = Policy(severities=severities or {}, advisories=advisories, indexes=indexes)
        made = make_reputation(policy)
        made.prepare(no_transport, waits=waits)
        return made

    return use


def make_reputation(policy: Policy) -> Reputation:
    session = make_session(policy)
    return Reputation(session, ProjectPages(session))


def no_transport() -> Transport:
    raise AssertionError("nobody is asked")


def chosen(
    url: str = WHEEL, *, page: str | None = PAGE, yanked: str | None = None, name: str = "demo"
) -> InstallRequirement:
    requirement = install_req_from_line(name)
    requirement.link = Link(url, comes_from=page, yanked_reason=yanked)
    return requirement


def from_directory(tmp_path: Path) -> InstallRequirement:
    folder = tmp_path / "demo"
    folder.mkdir()
    (folder / "pyproject.toml").write_text('[project]\nname = "demo"\nversion = "1.0"\n')
    return install_req_from_line(f"demo @ {folder.as_uri()}")


def malware(version: str = "1.0", hashes: frozenset[str] = HASHES) -> AdvisoryFacts:
    return AdvisoryFacts(project="demo", version=version, origin=COMMAND_LINE, advisories=(MALWARE,), hashes=hashes)


def without_age(facts: Iterable[Facts]) -> list[Facts]:
    return [one for one in facts if not isinstance(one, ExportFacts)]


def note(reputation: Reputation, status: str, page: str = PAGE) -> None:
    content = f'{{"project-status": {{"status": "{status}", "reason": "so it is"}}}}'.encode()
    reputation.states.note(IndexContent(content, "application/vnd.pypi.simple.v1+json", None, page))


def test_answer_is_waited_for_later(use: Use) -> None:
    reputation = use()
    assert list(reputation.resolved(chosen_releases([chosen()], Provenance()))) == []
    assert without_age(reputation.answers()) == [malware()]
    assert list(reputation.answers()) == []


def test_answer_is_waited_for_at_once_where_nothing_follows(use: Use) -> None:
    reputation = use(waits=True)
    assert without_age(reputation.resolved(chosen_releases([chosen()], Provenance()))) == [malware()]


def test_same_answer_is_given_once(use: Use) -> None:
    reputation = use(waits=True)
    for expected in ([malware()], []):
        assert without_age(reputation.resolved(chosen_releases([chosen()], Provenance()))) == expected
    other = chosen(WHEEL.replace("1.0", "2.0"))
    assert without_age(reputation.resolved(chosen_releases([other], Provenance()))) == [malware("2.0")]


def test_silence_is_complained_of_once(use: Use, tmp_path: Path) -> None:
    reputation = use(waits=True, source=parse_location((tmp_path / "none.zip").as_uri()))
    (complaint,) = reputation.resolved(chosen_releases([chosen()], Provenance()))
    assert isinstance(complaint, SourceFailedFacts)
    assert list(reputation.resolved(chosen_releases([chosen(WHEEL.replace("1.0", "2.0"))], Provenance()))) == []


def test_cached_wheel_is_what_it_was_built_from(use: Use) -> None:
    requirement = chosen("file:///cache/demo-1.0-py3-none-any.whl", page=None)
    requirement.cached_wheel_source_link = Link("https://files.example/demo-1.0.tar.gz", comes_from=PAGE)
    reputation = use(waits=True)
    assert without_age(reputation.resolved(chosen_releases([requirement], Provenance()))) == [
        malware(hashes=frozenset())
    ]


@pytest.mark.parametrize(
    "severities",
    [
        pytest.param(OFF, id="no-rule"),
        pytest.param({name: Severity.OFF for name in OFF if name != "yanked-release"}, id="no-rule-about-advisories"),
    ],
)
def test_nobody_is_asked_where_no_rule_wants_it(use: Use, severities: dict[str, Severity]) -> None:
    reputation = use(waits=True, severities=severities)
    assert list(reputation.resolved(chosen_releases([chosen()], Provenance()))) == []
    assert list(reputation.about_build(make_archive_facts(), Link(WHEEL))) == []


@pytest.mark.parametrize("on", ["known-malicious", "known-vulnerability"])
def test_one_rule_is_enough_to_ask(use: Use, on: str) -> None:
    reputation = use(waits=True, severities={name: Severity.OFF for name in OFF if name != on})
    assert without_age(reputation.resolved(chosen_releases([chosen()], Provenance()))) == [malware()]


def test_nobody_is_asked_about_nothing(use: Use) -> None:
    assert list(use(waits=True).resolved(chosen_releases([], Provenance()))) == []


def test_nobody_is_asked_about_what_nobody_published(use: Use, tmp_path: Path) -> None:
    repository = chosen("git+https://host.example/demo.git", page=None)
    nowhere = install_req_from_line("demo")
    asked = use(waits=True).resolved(chosen_releases([from_directory(tmp_path), repository, nowhere], Provenance()))
    assert list(asked) == []


@pytest.mark.parametrize(
    ("requirement", "told"),
    [
        pytest.param(chosen(), False, id="page-of-the-index"),
        pytest.param(chosen("https://pypi.example/simple/demo-1.0-py3-none-any.whl", page=None), False, id="direct"),
        pytest.param(
            chosen("https://pypi.example/simple/demo-1.0-py3-none-any.whl", page="-r x"), False, id="lock-file"
        ),
        pytest.param(chosen(page="https://pypi.example/other/demo/"), True, id="page-of-another-index"),
        pytest.param(chosen(page=None), True, id="direct-from-elsewhere"),
    ],
)
def test_names_of_exempt_indexes_are_not_told(use: Use, requirement: InstallRequirement, told: bool) -> None:
    reputation = use(waits=True, exempt_indexes=(parse_location("https://pypi.example/simple/"),))
    assert bool(without_age(reputation.resolved(chosen_releases([requirement], Provenance())))) is told


PUBLIC = parse_location("https://api.osv.dev")


@pytest.mark.parametrize(
    ("requirement", "asked", "complaints"),
    [
        pytest.param(chosen(page="https://pypi.org/simple/demo/"), True, [], id="public-index"),
        pytest.param(
            chosen("https://files.pythonhosted.org/x/demo-1.0-py3-none-any.whl", page=None), True, [], id="public-file"
        ),
        pytest.param(chosen(), True, [], id="mirror-that-is-public"),
        pytest.param(
            chosen(page="https://acme.example/simple/demo/"),
            False,
            [NotQueriedFacts(place="https://acme.example/simple/demo/")],
            id="index-of-which-nothing-is-said",
        ),
        pytest.param(
            chosen("https://approved.example/x/demo-1.0-py3-none-any.whl", page=None),
            False,
            [NotQueriedFacts(place="https://approved.example/")],
            id="approved-place-of-which-nothing-is-said",
        ),
        pytest.param(chosen(page="https://own.example/simple/demo/"), False, [], id="exempt-index"),
        pytest.param(chosen("file:///srv/demo-1.0-py3-none-any.whl", page=None), False, [], id="local-file"),
    ],
)
def test_public_service_is_told_public_names_alone(
    use: Use, requirement: InstallRequirement, asked: bool, complaints: list[NotQueriedFacts]
) -> None:
    replies = Replies(batch({}))
    reputation = use(
        source=PUBLIC,
        public_indexes=parse_locations([*PUBLIC_PLACES, "https://pypi.example/simple/"]),
        exempt_indexes=parse_locations(["https://own.example/simple/"]),
    )
    reputation.prepare(lambda: replies, waits=True)
    assert list(reputation.resolved(chosen_releases([requirement], Provenance()))) == complaints
    assert bool(replies.asked) is asked


def test_service_is_asked_by_the_session_that_the_command_makes(use: Use) -> None:
    replies = Replies(batch({"MAL-2026-1": "2026-01-01T00:00:00Z"}))
    reputation = use(source=parse_location("https://osv.example"))
    reputation.prepare(lambda: replies, waits=True)
    assert list(reputation.resolved(chosen_releases([chosen()], Provenance()))) == [malware()]
    assert [url for url, _ in replies.asked] == [
        "https://osv.example/v1/querybatch",
        "https://osv.example/v1/vulns/MAL-2026-1",
    ]


def test_nobody_is_asked_before_the_command_has_said_how(use: Use) -> None:
    assert list(make_reputation(use()._session.policy).resolved(chosen_releases([chosen()], Provenance()))) == []


def test_source_distribution_is_asked_about_before_it_is_built(use: Use) -> None:
    facts = make_archive_facts(origin=COMMAND_LINE, hashes=HASHES)
    assert without_age(use().about_build(facts, Link(facts.url))) == [malware()]


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param(make_candidate_facts(version="1.0"), id="wheel"),
        pytest.param(make_archive_facts(version=None), id="no-version"),
        pytest.param(make_archive_facts(project=None), id="no-name"),
        pytest.param(make_archive_facts(kind=CandidateKind.VCS), id="repository"),
    ],
)
def test_nothing_else_is_asked_about_before_it_is_built(use: Use, facts: object) -> None:
    assert list(use().about_build(facts, Link(WHEEL))) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "yanked", "expected"),
    [
        pytest.param(None, None, [], id="nothing-said"),
        pytest.param(None, "", [(ProjectStatus.ACTIVE, None, "")], id="yanked"),
        pytest.param("archived", None, [(ProjectStatus.ARCHIVED, "so it is", None)], id="archived"),
        pytest.param("quarantined", "bad", [(ProjectStatus.QUARANTINED, "so it is", "bad")], id="both"),
    ],
)
def test_describes_what_the_index_says(
    use: Use, status: str | None, yanked: str | None, expected: list[tuple[ProjectStatus, str | None, str | None]]
) -> None:
    reputation = use()
    if status is not None:
        note(reputation, status)
    found = reputation.resolved(
        chosen_releases([chosen(yanked=yanked), install_req_from_line("nowhere")], Provenance())
    )
    assert list(found) == [
        StatusFacts(
            project="demo",
            origin=COMMAND_LINE,
            status=state,
            reason=reason,
            version="1.0",
            yanked=why,
            hashes=HASHES,
        )
        for state, reason, why in expected
    ]


def test_nobody_looks_at_the_state_where_no_rule_wants_it(use: Use) -> None:
    reputation = use(severities=OFF)
    note(reputation, "quarantined")
    assert list(reputation.resolved(chosen_releases([chosen(yanked="")], Provenance()))) == []


def test_knows_projects_that_offer_nothing_because_they_are_quarantined(use: Use) -> None:
    reputation = use()
    note(reputation, "quarantined")
    note(reputation, "archived", "https://other.example/simple/demo/")
    assert list(reputation.unavailable("demo", COMMAND_LINE)) == [
        StatusFacts(project="demo", origin=COMMAND_LINE, status=ProjectStatus.QUARANTINED, reason="so it is")
    ]
    assert list(reputation.unavailable("other", COMMAND_LINE)) == []
