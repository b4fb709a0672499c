"""Test what is told of requirements before pip resolves them, and what a command that resolves is made to do."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pip._internal.cli.req_command import RequirementCommand

from pip_guard.facts.candidate import CandidateFacts, CandidateKind
from pip_guard.facts.fetch import FetchFacts
from pip_guard.facts.origin import Origin, OriginKind, Setting
from pip_guard.facts.requirements import RequirementFacts, SourceFacts
from pip_guard.facts.resolution import Advisory, AdvisoryFacts, ProjectStatus, SourceFailedFacts, StatusFacts
from pip_guard.facts.start import StartFacts
from pip_guard.facts.violation import Severity
from pip_guard.pip_adapter.hooks import LEGACY_RESOLVER
from pip_guard.pip_adapter.resolution.candidates import COMMAND_LINE
from pip_guard.policy.model import Advisories, Indexes, Policy, parse_locations
from pip_guard.urls.location import parse_location
from tests.kit.authority import certificate_authority_file
from tests.kit.index import LocalIndex
from tests.kit.osv import FakeOsv, make_malware
from tests.kit.simple_api import sha256
from tests.kit.wheels import make_wheel
from tests.unit.pip_adapter.guarded_pip import QUIET, RULE, TRY, GuardedPip, by_option

SCRIPT = '# /// script\n# dependencies = ["scripted"]\n# ///\n'
GROUPS = '[dependency-groups]\ndev = ["grouped"]\n'
WHEEL = make_wheel("demo")
DIGEST = sha256(WHEEL.content)
LOCK = f"""\
lock-version = "1.0"
created-by = "tests"

[[packages]]
name = "demo"
version = "1.0"
index = "https://pypi.example/simple/"

[[packages.wheels]]
url = "{{url}}"
hashes = {{{{sha256 = "{DIGEST}"}}}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Make a project with a group, a script, a file of requirements and a directory that could be installed."""
    (tmp_path / "pyproject.toml").write_text(GROUPS, encoding="utf-8")
    (tmp_path / "script.py").write_text(SCRIPT, encoding="utf-8")
    (tmp_path / "all.txt").write_text("# one\nlisted\n", encoding="utf-8")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "pyproject.toml").write_text('[project]\nname = "own"\nversion = "1"\n', encoding="utf-8")
    return tmp_path


GROUP, SCRIPTED = "group dev of pyproject.toml", "script script.py"


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("arguments", "origins"),
    [
        pytest.param(["one", " ", "two"], {"one": COMMAND_LINE, "two": COMMAND_LINE}, id="arguments"),
        pytest.param(
            ["one", "-r", "all.txt"],
            {"one": COMMAND_LINE, "listed": Origin(kind=OriginKind.REQUIREMENTS, text="line 2 of all.txt")},
            id="file",
        ),
        pytest.param(
            ["one", "--group", "dev"],
            {"one": COMMAND_LINE, "grouped": Origin(kind=OriginKind.GROUP, text=GROUP)},
            id="group",
        ),
        pytest.param(
            ["--requirements-from-script=script.py"],
            {"scripted": Origin(kind=OriginKind.SCRIPT, text=SCRIPTED)},
            id="script",
        ),
        pytest.param(
            ["--group", "dev", "--requirements-from-script=script.py"],
            dict.fromkeys(("grouped", "scripted"), Origin(kind=OriginKind.GROUP, text=f"{GROUP} or {SCRIPTED}")),
            id="group-or-script",
        ),
    ],
)
def test_requirement_is_told_with_its_origin(pip: GuardedPip, arguments: list[str], origins: dict[str, Origin]) -> None:
    pip.refused = (RequirementFacts,)
    assert pip.run(*TRY, "https://a/", *arguments) == 40
    assert {facts.requirement: facts.origin for facts in pip.facts(RequirementFacts)} == origins


def test_editable_is_told_with_the_option_that_names_it(pip: GuardedPip, project: Path) -> None:
    pip.refused = (CandidateFacts,)
    assert pip.run(*TRY, "https://a/", "--editable", "own", "other") == 40
    assert [(facts.requirement, facts.origin) for facts in pip.facts(RequirementFacts)] == [
        ("other", COMMAND_LINE),
        ((project / "own").as_uri(), by_option("--editable", "own").origin),
    ]


def test_editable_of_a_variable_is_none_of_the_command_line(
    pip: GuardedPip, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_EDITABLE", "./own")
    pip.refused = (CandidateFacts,)
    assert pip.run(*TRY, "https://a/") == 40
    (facts,) = pip.facts(CandidateFacts)
    origin = Origin(kind=OriginKind.ENVIRONMENT, text="PIP_EDITABLE in the environment")
    assert (facts.origin, facts.named_on_command_line) == (origin, False)


def test_requirements_are_pips_own_where_every_rule_is_off(
    pip: GuardedPip, local_index: LocalIndex, capsys: pytest.CaptureFixture[str]
) -> None:
    pip.policy = Policy(severities={RULE: Severity.OFF})
    local_index.publish(WHEEL)
    assert pip.run(*TRY, local_index.url, "demo") == 0
    assert capsys.readouterr().out.endswith("Would install demo-1.0\n")
    assert (pip.told, pip.report.ends) == ([], [(None, ())])


# Lock files


def test_file_that_a_lock_names_is_judged_before_anything_is_fetched(
    pip: GuardedPip, local_index: LocalIndex, tmp_path: Path
) -> None:
    url = local_index.publish(WHEEL)
    (tmp_path / "pylock.toml").write_text(LOCK.format(url=url), encoding="utf-8")
    pip.refused = (CandidateFacts,)
    assert pip.run(*TRY, local_index.url, "-r", "pylock.toml") == 40
    assert pip.facts(CandidateFacts) == [
        CandidateFacts(
            kind=CandidateKind.WHEEL,
            url=url,
            filename=WHEEL.filename,
            origin=Origin(kind=OriginKind.LOCK, text="pylock.toml"),
            project="demo",
            hashes=frozenset({f"sha256:{DIGEST}"}),
            pinned=True,
            direct=True,
        )
    ]
    assert local_index.paths == []


@pytest.mark.parametrize(
    ("lock", "hashes"),
    [
        pytest.param(LOCK, [f"sha256:{DIGEST}"], id="one-hash"),
        pytest.param(LOCK.replace('"}}', f'", sha384 = "{"0" * 96}"}}}}'), [], id="either-of-two-hashes"),
    ],
)
def test_only_the_hash_that_the_lock_itself_gives_says_what_it_names(
    pip: GuardedPip, local_index: LocalIndex, tmp_path: Path, lock: str, hashes: list[str]
) -> None:
    url = local_index.publish(WHEEL)
    (tmp_path / "pylock.toml").write_text(lock.format(url=url), encoding="utf-8")
    (tmp_path / "all.txt").write_text(f"demo --hash=sha512:{'0' * 128}\n", encoding="utf-8")
    pip.refused = (CandidateFacts,)
    assert pip.run(*TRY, local_index.url, "-r", "pylock.toml", "-r", "all.txt") == 40
    assert [facts.hashes for facts in pip.facts(CandidateFacts)] == [frozenset(hashes)]


@pytest.mark.parametrize(
    ("status", "yanked", "expected"),
    [
        pytest.param("quarantined", None, (ProjectStatus.QUARANTINED, None), id="quarantined"),
        pytest.param("archived", None, (ProjectStatus.ARCHIVED, None), id="archived"),
        pytest.param(None, "broken", (ProjectStatus.ACTIVE, "broken"), id="yanked"),
    ],
)
def test_what_the_index_says_of_a_locked_project_is_told(
    pip: GuardedPip,
    local_index: LocalIndex,
    tmp_path: Path,
    status: str | None,
    yanked: str | None,
    expected: tuple[ProjectStatus, str | None],
) -> None:
    url = local_index.publish(WHEEL, yanked=yanked or False)
    if status is not None:
        local_index.set_status("demo", status)
    pip.policy = Policy(severities={**QUIET, "yanked-release": Severity.WARNING})
    (tmp_path / "pylock.toml").write_text(LOCK.format(url=url), encoding="utf-8")
    assert pip.run(*TRY, local_index.url, "-r", "pylock.toml") == 0
    assert [(facts.status, facts.yanked) for facts in pip.facts(StatusFacts)] == [expected]


def test_lock_is_recorded_when_it_begins(pip: GuardedPip, local_index: LocalIndex, tmp_path: Path) -> None:
    url = local_index.publish(WHEEL)
    assert pip.run("lock", "--no-cache-dir", "--index-url", local_index.url, "demo") == 0
    assert [summary.files for summary in pip.journal.begins] == [()]
    assert f'url = "{url}"' in (tmp_path / "pylock.toml").read_text(encoding="utf-8")


# What is enforced


@pytest.mark.parametrize(
    ("options", "enforced"),
    [
        pytest.param(
            [],
            ("keyring-provider=disabled", "only-binary", "uploaded-prior-to", "use-feature=inprocess-build-deps"),
            id="defaults",
        ),
        pytest.param(
            ["--use-feature=inprocess-build-deps"],
            ("keyring-provider=disabled", "only-binary", "uploaded-prior-to"),
            id="builds-in-this-process-already",
        ),
        pytest.param(
            ["--use-feature=inprocess-build-deps", "--uploaded-prior-to=2021-01-01", "--keyring-provider=disabled"],
            ("only-binary",),
            id="everything-already",
        ),
    ],
)
def test_options_that_the_promise_needs_are_set(
    pip: GuardedPip, local_index: LocalIndex, options: list[str], enforced: tuple[str, ...]
) -> None:
    local_index.publish(WHEEL)
    assert pip.run(*TRY, local_index.url, *options, "demo") == 0
    assert pip.enforced == enforced


@pytest.mark.parametrize(
    ("options", "warns"),
    [
        pytest.param(["--use-feature=venv-isolation"], False, id="added"),
        pytest.param(["--use-feature=venv-isolation", "--use-feature=inprocess-build-deps"], True, id="asked-for"),
    ],
)
def test_pip_warns_of_no_option_that_was_added(
    pip: GuardedPip, local_index: LocalIndex, capsys: pytest.CaptureFixture[str], options: list[str], warns: bool
) -> None:
    local_index.publish(WHEEL)
    assert pip.run(*TRY, local_index.url, *options, "demo") == 0
    assert ("partially supported" in capsys.readouterr().err) is warns


# Advisories


@pytest.fixture
def osv() -> Iterator[FakeOsv]:
    with FakeOsv() as started:
        started.add(make_malware(), "1.0")
        yield started


@pytest.fixture
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def asks(osv: FakeOsv, **indexes: tuple[object, ...]) -> Policy:
    return Policy(advisories=Advisories(source=parse_location(osv.url)), indexes=Indexes(**indexes))  # type: ignore[arg-type]


@pytest.mark.usefixtures("_own_cache")
@pytest.mark.parametrize(
    "command", [pytest.param(("install", "--dry-run"), id="dry-run"), pytest.param(("download",), id="download")]
)
def test_service_is_asked_with_a_session_like_pips(
    pip: GuardedPip, local_index: LocalIndex, osv: FakeOsv, command: tuple[str, ...]
) -> None:
    local_index.publish(WHEEL)
    pip.policy = asks(osv)
    name, *options = command
    options += ["--no-cache-dir", "--cert", str(certificate_authority_file()), "--index-url", local_index.url]
    assert pip.run(name, *options, "demo") == 0
    assert pip.facts(AdvisoryFacts) == [
        AdvisoryFacts(
            project="demo",
            version="1.0",
            origin=COMMAND_LINE,
            advisories=(Advisory(id="MAL-2026-1", malicious=True),),
            hashes=frozenset({f"sha256:{DIGEST}"}),
        )
    ]
    # the rules are not asked about the service that the policy itself names
    assert not any(facts.url.startswith(osv.url) for facts in pip.facts(FetchFacts))


@pytest.mark.usefixtures("_own_cache")
@pytest.mark.parametrize(
    ("private", "approved", "reason"),
    [
        pytest.param(False, False, "its proxy cannot be used", id="usual-authorities"),
        pytest.param(True, False, "the proxy http://127.0.0.1:9 could answer in its place", id="private-authority"),
        pytest.param(True, True, "its proxy cannot be used", id="approved-proxy"),
    ],
)
def test_proxy_that_could_forge_the_answer_is_not_used(
    pip: GuardedPip,
    osv: FakeOsv,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    private: bool,
    approved: bool,
    reason: str,
) -> None:
    WHEEL.write(tmp_path)
    if private:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate_authority_file()))
    pip.policy = asks(osv, proxies=parse_locations(["http://127.0.0.1:9"]) if approved else ())
    options = ("--no-index", "--no-cache-dir", "--proxy=http://127.0.0.1:9")
    assert pip.run("install", "--dry-run", *options, f"./{WHEEL.filename}") == 0
    assert pip.facts(SourceFailedFacts) == [SourceFailedFacts(source=osv.url, reason=reason, releases=("demo 1.0",))]
    assert osv.requests == []


def test_source_that_no_option_and_no_line_names_is_told(
    pip: GuardedPip, local_index: LocalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    collect = RequirementCommand.get_requirements

    def get_requirements(self: RequirementCommand, args: Any, options: Any, finder: Any, session: Any) -> Any:
        finder.search_scope = replace(finder.search_scope, index_urls=[local_index.url, "https://evil.example/"])
        return collect(self, args, options, finder, session)

    monkeypatch.setattr(RequirementCommand, "get_requirements", get_requirements)
    pip.refused = (RequirementFacts,)
    pip.run(*TRY, local_index.url, "demo")
    origin = Origin(kind=OriginKind.FILE_OPTION, text="a file or an option that pip has read")
    evil = Setting(value="https://evil.example/", origin=origin)
    assert pip.facts(SourceFacts)[1:] == [SourceFacts(indexes=(evil,))]


@pytest.mark.parametrize(
    ("option", "wrapped"),
    [pytest.param((), False, id="resolvelib"), pytest.param(("--use-deprecated=legacy-resolver",), True, id="legacy")],
)
def test_old_resolver_is_looked_at_where_it_is_asked_for(
    pip: GuardedPip, option: tuple[str, ...], wrapped: bool
) -> None:
    assert pip.run("install", "--dry-run", "--no-index", *option, "pip") == 0
    resolver = importlib.import_module(LEGACY_RESOLVER).Resolver
    assert hasattr(resolver.resolve, "__wrapped__") is wrapped
    assert hasattr(resolver.get_installation_order, "__wrapped__") is wrapped


def test_pip_without_the_old_resolver_is_supported(pip: GuardedPip, monkeypatch: pytest.MonkeyPatch) -> None:
    legacy = importlib.import_module(LEGACY_RESOLVER)
    monkeypatch.delattr(legacy, "Resolver")
    assert pip.run("install", "--dry-run", "--no-index", "pip") == 0
    assert pip.facts(StartFacts) == []
    assert pip.run("install", "--dry-run", "--no-index", "--use-deprecated=legacy-resolver", "pip") != 0
    assert [facts.missing_hooks for facts in pip.facts(StartFacts)] != []
