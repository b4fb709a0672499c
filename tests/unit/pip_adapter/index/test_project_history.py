"""Test what the pages of an index say about the history of a project."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from pip._internal.index.collector import IndexContent, parse_links
from pip._internal.models.link import Link

from pip_guard.facts.resolution import ListedFile, ProjectHistoryFacts, ProvenanceFacts
from pip_guard.facts.violation import Severity
from pip_guard.pip_adapter.index.project_history import ProjectPages
from pip_guard.pip_adapter.index.upload_times import utc_now
from pip_guard.policy.model import Policy, Releases, parse_locations
from tests.kit.index import LocalIndex
from tests.kit.wheels import make_wheel
from tests.unit.engine.factories import make_session
from tests.unit.factories import ARGUMENT, NOW, make_candidate_facts, make_listed_file
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
    pages.note(IndexContent(b"", "text/html", None, page), list(links))
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


# What a page says about files, by their names: the time of the upload, and the provenance.
JSON = "application/vnd.pypi.simple.v1+json"
UPLOADED = "2026-04-01T12:00:00Z"
LOST = "tool-1.1-py3-none-any.whl"


def attested(filename: str, where: str = "https://pypi.example/integrity/tool/1.0/{}/provenance") -> dict[str, object]:
    return {"filename": filename, "provenance": where.format(filename)}


def plain(filename: str, **only_what_matters: object) -> dict[str, object]:
    return {"filename": filename, **only_what_matters}


def lacking(
    *files: dict[str, object], of: str = LOST, content_type: str = JSON, policy: Policy | None = None
) -> list[ProvenanceFacts]:
    """Return what is described where pip chooses one of the files of a page."""
    whole = [
        {"url": f"https://files.example/{file['filename']}", "upload-time": UPLOADED, "hashes": {}, **file}
        for file in files
    ]
    content = json.dumps({"meta": {"api-version": "1.4"}, "name": "tool", "files": whole}).encode()
    links = list(parse_links(IndexContent(content, JSON, None, PAGE, cache_link_parsing=False)))
    pages = ProjectPages(make_session(policy or Policy()))
    pages.note(IndexContent(content, content_type, None, PAGE), links)
    (chosen,) = [link for link in links if link.filename == of]
    return list(pages.provenance(make_candidate_facts(project="tool"), chosen, NOW))


def a_file(filename: str, version: str, **only_what_matters: Any) -> ListedFile:
    return make_listed_file(
        version,
        **{"filename": filename, "uploaded": datetime(2026, 4, 1, 12, tzinfo=timezone.utc), **only_what_matters},
    )


def test_file_without_provenance_is_described_among_all_others() -> None:
    files = [
        attested("tool-1.0-py3-none-any.whl"),
        attested("tool-1.0.tar.gz", "https://elsewhere.example/{}"),
        plain("tool-0.9-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", yanked="broken"),
        plain("tool-0.9-cp311-cp311-macosx_11_0_arm64.whl", provenance=None),
        plain("tool-2!3.0rc1.zip"),
        plain("tool-of-others-1.0.zip"),
        plain("tool-nonsense.zip"),
        plain(LOST),
    ]
    lost = a_file(LOST, "1.1", attested=False)
    assert lacking(*files) == [
        ProvenanceFacts(
            project="tool",
            file=lost,
            files=(
                a_file("tool-1.0-py3-none-any.whl", "1.0"),
                a_file("tool-1.0.tar.gz", "1.0", platform="sdist"),
                a_file(str(files[2]["filename"]), "0.9", attested=False, platform="manylinux_x86_64", yanked=True),
                a_file(str(files[3]["filename"]), "0.9", attested=False, platform="macosx_arm64"),
                a_file(
                    "tool-2!3.0rc1.zip",
                    "2!3.0rc1",
                    attested=False,
                    platform="sdist",
                    is_prerelease=True,
                    line=(2, 3),
                ),
                lost,
            ),
            origin=ARGUMENT,
            now=NOW,
        )
    ]


def test_file_without_an_upload_time_counts_as_new() -> None:
    (facts,) = lacking(attested("tool-1.0.tar.gz"), plain(LOST, **{"upload-time": None}))
    assert facts.file.uploaded == NOW


CLAIM = f'"provenance": "/{LOST}/provenance'


@pytest.mark.parametrize(
    "files",
    [
        pytest.param([attested(LOST), plain("tool-1.0.zip")], id="has-it"),
        pytest.param([attested(LOST, "https://pypi.example/{}/provenance")], id="has-it-in-short"),
        pytest.param([plain(LOST), plain("tool-1.0.zip", provenance=None)], id="none-has-it"),
        pytest.param([plain(LOST), plain("tool-1.0.zip", yanked='"provenance": "x"')], id="claimed-in-a-text"),
    ],
)
def test_provenance_is_no_matter_where_the_file_or_no_file_has_it(files: list[dict[str, object]]) -> None:
    assert lacking(*files) == []


def test_provenance_elsewhere_is_known_from_the_file_itself() -> None:
    (facts,) = lacking(attested(LOST, "https://elsewhere.example/{}"))
    assert facts.file.attested


@pytest.mark.parametrize("reason", [CLAIM, f"/{LOST}/provenance", f'{CLAIM}"'])
def test_nobody_can_claim_provenance_in_the_reason_of_a_yank(reason: str) -> None:
    (facts,) = lacking(attested("tool-1.0.zip"), plain(LOST, yanked=reason))
    assert not facts.file.attested


def test_pages_that_are_no_json_and_rules_that_are_off_describe_nothing() -> None:
    files = [attested("tool-1.0.tar.gz"), plain(LOST)]
    assert len(lacking(*files)) == 1
    assert lacking(*files, content_type="text/html") == []
    assert lacking(*files, policy=Policy(severities={"lost-provenance": Severity.OFF})) == []


def test_what_has_no_name_has_no_provenance() -> None:
    pages = ProjectPages(make_session(Policy()))
    assert list(pages.provenance(make_candidate_facts(project=None), WHEEL, NOW)) == []


def test_file_whose_version_is_unknown_is_not_judged() -> None:
    assert lacking(attested("tool-1.0.tar.gz"), plain("tool-nonsense.zip"), of="tool-nonsense.zip") == []


def test_lost_provenance_is_described_where_pip_chooses_such_a_file(pip: GuardedPip, local_index: LocalIndex) -> None:
    pip.policy = Policy(severities={name: severity for name, severity in QUIET.items() if name != "lost-provenance"})
    local_index.publish(make_wheel("demo", "1.0"), provenance=True)
    local_index.publish(make_wheel("demo", "1.1"))
    local_index.publish(make_wheel("other"), provenance=True)
    assert pip.run(*TRY, local_index.url, "demo", "other") == 0
    (facts,) = pip.facts(ProvenanceFacts)
    assert [(file.version, file.attested) for file in facts.files] == [("1.0", True), ("1.1", False)]
    assert facts.file.version == "1.1"


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
