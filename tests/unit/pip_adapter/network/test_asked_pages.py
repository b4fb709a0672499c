"""Test that an index is asked about a file that a URL or a lock file names, and that nobody waits for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from pip_guard.facts.candidate import ReleaseFacts
from pip_guard.facts.fetch import FetchFacts
from pip_guard.facts.resolution import NoUploadTimeFacts, ProjectStatus, StatusFacts
from pip_guard.facts.violation import Severity, Violation
from pip_guard.pip_adapter.network import asked_pages
from pip_guard.policy.model import Network, Policy, Releases, parse_locations
from tests.kit.http_server import FaultKind
from tests.kit.index import LocalIndex
from tests.kit.simple_api import sha256
from tests.kit.wheels import make_wheel
from tests.unit.pip_adapter.guarded_pip import QUIET, TRY, GuardedPip

DEMO = make_wheel("demo")
OTHER = make_wheel("other")
PAGE = "/simple/demo/"
BOTH = [PAGE, "/simple/other/"]
JSON = "application/vnd.pypi.simple.v1+json"
OFF = {**QUIET, "recent-release": Severity.OFF}
Trouble = Callable[[LocalIndex], object]


def by_url(index: LocalIndex) -> tuple[str, ...]:
    return tuple(f"{index.files_url}{wheel.filename}" for wheel in (DEMO, OTHER))


def lock(index: LocalIndex) -> tuple[str, str]:
    text = 'lock-version = "1.0"\ncreated-by = "test"\n'
    for wheel in (DEMO, OTHER):
        text += (
            f'[[packages]]\nname = "{wheel.name}"\nversion = "1.0"\n'
            f'[[packages.wheels]]\nname = "{wheel.filename}"\nurl = "{index.files_url}{wheel.filename}"\n'
            f'hashes = {{sha256 = "{sha256(wheel.content)}"}}\n'
        )
    Path("pylock.toml").write_text(text, encoding="utf-8")
    return "-r", "pylock.toml"


@pytest.fixture
def index(local_index: LocalIndex) -> LocalIndex:
    for wheel in (DEMO, OTHER):
        local_index.publish(wheel)
    return local_index


def pages(index: LocalIndex) -> list[str]:
    return [path for path in index.paths if path.startswith("/simple/")]


WANTED = [
    pytest.param(OFF, False, id="off"),
    pytest.param({**OFF, "recent-release": Severity.WARNING}, True, id="recent-release"),
    pytest.param({**OFF, "new-project": Severity.WARNING}, True, id="new-project"),
    pytest.param({**OFF, "lost-provenance": Severity.ERROR}, True, id="lost-provenance"),
]
STATUS = [
    pytest.param({**OFF, "yanked-release": Severity.WARNING}, id="yanked-release"),
    pytest.param({**OFF, "known-malicious": Severity.ERROR}, id="known-malicious"),
]


def asked_for(pip: GuardedPip, index: LocalIndex, *arguments: str, is_exempt: bool = False, **policy: Any) -> list[str]:
    """Return the pages that are asked for."""
    exempt = Releases(exempt_indexes=parse_locations([index.files_url] if is_exempt else []))
    pip.policy = Policy(network=Network(ahead=False), releases=exempt, **policy)
    assert pip.run(*TRY, index.url, *arguments) == 0
    return pages(index)


@pytest.mark.parametrize("name", [by_url, lock])
@pytest.mark.parametrize("is_exempt", [False, True])
@pytest.mark.parametrize(("severities", "wanted"), WANTED)
def test_page_is_asked_for_where_a_rule_wants_to_know(
    pip: GuardedPip,
    index: LocalIndex,
    name: Callable[[LocalIndex], tuple[str, ...]],
    severities: Mapping[str, Severity],
    wanted: bool,
    is_exempt: bool,
) -> None:
    asked = asked_for(pip, index, *name(index), severities=severities, is_exempt=is_exempt)
    assert asked == (BOTH if wanted and not is_exempt else [])


@pytest.mark.parametrize("is_exempt", [False, True])
@pytest.mark.parametrize("severities", STATUS)
def test_status_is_asked_for_where_a_lock_file_names_a_file(
    pip: GuardedPip, index: LocalIndex, severities: Mapping[str, Severity], is_exempt: bool
) -> None:
    assert asked_for(pip, index, *lock(index), severities=severities, is_exempt=is_exempt) == BOTH


@pytest.mark.parametrize("severities", STATUS)
def test_status_is_not_asked_for_where_the_user_names_a_file(
    pip: GuardedPip, index: LocalIndex, severities: Mapping[str, Severity]
) -> None:
    assert asked_for(pip, index, *by_url(index), severities=severities) == []


@pytest.mark.parametrize("is_exempt", [False, True])
@pytest.mark.parametrize("recent", [Severity.OFF, Severity.ERROR])
def test_status_of_what_a_lock_file_names_is_told(
    pip: GuardedPip, index: LocalIndex, recent: Severity, is_exempt: bool
) -> None:
    index.publish(DEMO, project_status="quarantined")
    index.publish(OTHER, yanked="broken")
    exempt = parse_locations([index.url, index.files_url] if is_exempt else [])
    pip.policy = Policy(
        severities={**QUIET, "recent-release": recent, "yanked-release": Severity.WARNING},
        releases=Releases(exempt_indexes=exempt),
    )
    assert pip.run(*TRY, index.url, *lock(index)) == 0
    assert {(facts.project, facts.status, facts.yanked) for facts in pip.facts(StatusFacts)} == {
        ("demo", ProjectStatus.QUARANTINED, None),
        ("other", ProjectStatus.ACTIVE, "broken"),
    }


def wants_password(index: LocalIndex) -> None:
    for name in ("demo", "other"):
        index.page(f"/simple/{name}/", "", status=401)


def is_broken(index: LocalIndex) -> None:
    index.fail(PAGE, FaultKind.SERVER_ERROR)


def resets(index: LocalIndex) -> None:
    index.fail(PAGE, FaultKind.RESET)


def never_answers(index: LocalIndex) -> None:
    index.fail(PAGE, FaultKind.SLOW, seconds=5)


def never_ends(index: LocalIndex) -> None:
    index.fail(PAGE, FaultKind.TRICKLING, seconds=0.2)


def serves(content: str, content_type: str) -> Trouble:
    return lambda index: index.page(PAGE, content, content_type)


@pytest.mark.parametrize(
    ("trouble", "asks_on"),
    [
        pytest.param(wants_password, False, id="password"),
        pytest.param(is_broken, True, id="server-error"),
        pytest.param(resets, False, id="reset"),
        pytest.param(never_answers, False, id="no-answer"),
        pytest.param(never_ends, False, id="no-end"),
        pytest.param(serves("<!DOCTYPE html><p>Log in.", "text/html"), True, id="html"),
        pytest.param(serves("Log in.", "text/plain"), True, id="text"),
        pytest.param(serves("{", JSON), True, id="broken-json"),
        pytest.param(serves('["files"]', JSON), True, id="other-json"),
        pytest.param(serves('{"files": [{}]}', JSON), True, id="json-without-names"),
    ],
)
def test_failure_leaves_the_age_unknown(
    pip: GuardedPip,
    index: LocalIndex,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    trouble: Trouble,
    asks_on: bool,
) -> None:
    monkeypatch.setattr(asked_pages, "TIMEOUT", 1)
    monkeypatch.setattr("builtins.input", lambda *_: pytest.fail("nobody is prompted"))
    trouble(index)
    before = time.monotonic()
    assert pip.run(*TRY, index.url, *by_url(index)) == 0
    assert time.monotonic() - before < 4
    assert capsys.readouterr().err == ""
    assert pages(index) == BOTH[: 2 if asks_on else 1]
    unknown = [facts.index for facts in pip.facts(NoUploadTimeFacts)]
    assert unknown == [*by_url(index)][: 1 if asks_on else 2]
    assert len(pip.facts(ReleaseFacts)) == 2 - len(unknown)


def test_refused_question_is_no_refusal(pip: GuardedPip, index: LocalIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = "https://elsewhere.example/simple/demo/"
    index.redirect(PAGE, elsewhere)

    def check(facts: object, policy: Policy) -> list[Violation]:
        asked = isinstance(facts, FetchFacts) and facts.url == elsewhere
        told.append(facts)
        return [Violation(message="It is so.")] if asked else []

    told: list[object] = []
    monkeypatch.setattr(pip, "_check", check)
    assert pip.run(*TRY, index.url, by_url(index)[0]) == 0
    assert elsewhere in [facts.url for facts in told if isinstance(facts, FetchFacts)]


def test_page_is_asked_for_once(pip: GuardedPip, index: LocalIndex) -> None:
    newer = make_wheel("demo", filename="demo-1.0-1-py3-none-any.whl")
    index.publish(newer)
    pip.policy = Policy(severities=QUIET)
    assert pip.run("download", "--no-deps", "--no-cache-dir", "-d", "files", "-i", index.url, by_url(index)[0]) == 0
    assert pages(index) == ["/simple/demo/"]


def test_local_index_is_read(pip: GuardedPip, index: LocalIndex, tmp_path: Path) -> None:
    page = tmp_path / "simple" / "demo" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text(
        f'<!DOCTYPE html><a href="{index.files_url}{DEMO.filename}" data-yanked="broken">{DEMO.filename}</a>',
        encoding="utf-8",
    )
    pip.policy = Policy(severities={**QUIET, "yanked-release": Severity.WARNING})
    assert pip.run(*TRY, page.parents[1].as_uri(), by_url(index)[0]) == 0
    assert [facts.yanked for facts in pip.facts(StatusFacts)] == ["broken"]
