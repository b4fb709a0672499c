"""Test what the session is told while pip resolves, and what pip is kept from."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from pip._internal.cache import WheelCache
from pip._internal.models.format_control import FormatControl
from pip._internal.models.link import Link
from pip._internal.utils.compatibility_tags import get_supported
from pip._internal.utils.temp_dir import global_tempdir_manager

from pip_guard.engine.summary import CommandSummary
from pip_guard.facts.candidate import CandidateFacts, CandidateKind, ReleaseFacts
from pip_guard.facts.fetch import FetchFacts
from pip_guard.facts.origin import Origin, OriginKind
from pip_guard.facts.requirements import RequirementFacts, SourceFacts
from pip_guard.facts.resolution import ChosenFile, NoUploadTimeFacts
from pip_guard.facts.violation import Severity
from pip_guard.pip_adapter import session
from pip_guard.pip_adapter.hooks import HOOKS, install_hooks
from pip_guard.pip_adapter.index import upload_times
from pip_guard.pip_adapter.resolution.candidates import COMMAND_LINE
from pip_guard.pip_adapter.resolution.state import ResolutionState
from pip_guard.policy.model import Mode, Policy, Releases, parse_locations
from tests.kit.index import LONG_AGO, LocalIndex
from tests.kit.simple_api import sha256
from tests.kit.sources import make_sdist, make_source_tree
from tests.kit.wheels import Wheel, make_wheel
from tests.unit.factories import make_exception
from tests.unit.pip_adapter.guarded_pip import QUIET, TRY, GuardedPip, by_option

BUILDS = Policy(severities={**QUIET, "source-distribution": Severity.OFF})
NOW = datetime(2026, 5, 1, tzinfo=timezone.utc)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload_times, "utc_now", lambda: NOW)


def needed_by(text: str) -> Origin:
    return Origin(kind=OriginKind.DEPENDENCY, text=text)


def listed(wheel: Wheel, index: LocalIndex, origin: Origin = COMMAND_LINE, **more: Any) -> CandidateFacts:
    """Describe a wheel that the index lists."""
    return CandidateFacts(
        kind=CandidateKind.WHEEL,
        url=f"{index.files_url}{wheel.filename}",
        filename=wheel.filename,
        origin=origin,
        project=wheel.name,
        hashes=frozenset({f"sha256:{sha256(wheel.content)}"}),
        **{"index": index.url, **more},
    )


def released(wheel: Wheel, origin: Origin = COMMAND_LINE) -> ReleaseFacts:
    return ReleaseFacts(
        project=wheel.name,
        version=wheel.version,
        filename=wheel.filename,
        uploaded=LONG_AGO,
        now=NOW,
        origin=origin,
    )


# The way of a requirement


def test_everything_is_told_before_it_is_done(pip: GuardedPip, local_index: LocalIndex) -> None:
    demo, dep = make_wheel("demo", requires=["dep"]), make_wheel("dep")
    for wheel in (demo, dep):
        local_index.publish(wheel)
    assert pip.run(*TRY, local_index.url, "demo") == 0
    files = local_index.files_url
    origin = needed_by("demo 1.0")
    assert pip.told == [
        SourceFacts(indexes=(by_option("--index-url", local_index.url),)),
        RequirementFacts(requirement="demo", origin=COMMAND_LINE, project="demo"),
        FetchFacts(url=f"{local_index.url}demo/"),
        listed(demo, local_index),
        released(demo),
        FetchFacts(url=f"{files}{demo.filename}.metadata"),
        FetchFacts(url=f"{local_index.url}dep/"),
        listed(dep, local_index, origin),
        released(dep, origin),
        FetchFacts(url=f"{files}{dep.filename}.metadata"),
    ]


def test_what_was_chosen_is_recorded(pip: GuardedPip, local_index: LocalIndex) -> None:
    wheel = make_wheel("demo")
    url = local_index.publish(wheel)
    pip.run(*TRY, local_index.url, "demo")
    ((summary, code),) = pip.journal.ends
    assert (code, summary.files) == (
        0,
        (
            ChosenFile(
                project="demo",
                version="1.0",
                filename=wheel.filename,
                url=url,
                hashes=frozenset({f"sha256:{sha256(wheel.content)}"}),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("kind", "paths"),
    [
        pytest.param(SourceFacts, [], id="options"),
        pytest.param(RequirementFacts, [], id="requirement"),
        pytest.param(FetchFacts, [], id="request"),
        pytest.param(CandidateFacts, ["/simple/demo/"], id="candidate"),
        pytest.param(ReleaseFacts, ["/simple/demo/"], id="release"),
    ],
)
def test_refusal_ends_it_there(
    pip: GuardedPip,
    local_index: LocalIndex,
    capsys: pytest.CaptureFixture[str],
    kind: type,
    paths: list[str],
) -> None:
    local_index.publish(make_wheel("demo"))
    pip.refused = (kind,)
    assert pip.run(*TRY, local_index.url, "demo") == 40
    assert local_index.paths == paths
    assert "Would install" not in capsys.readouterr().out


def test_constraint_requires_nothing(pip: GuardedPip, local_index: LocalIndex, tmp_path: Path) -> None:
    local_index.publish(make_wheel("demo"))
    (tmp_path / "constraints.txt").write_text("demo<2\nother<3\n", encoding="utf-8")
    assert pip.run(*TRY, local_index.url, "--constraint=constraints.txt", "demo") == 0
    assert pip.facts(RequirementFacts) == [RequirementFacts(requirement="demo", origin=COMMAND_LINE, project="demo")]


def test_direct_requirements_are_judged_together_before_any_is_fetched(
    pip: GuardedPip, local_index: LocalIndex
) -> None:
    url = local_index.publish(make_wheel("demo"))
    pip.refused = (CandidateFacts,)
    digest = f"sha256={'0' * 64}"
    assert pip.run(*TRY, local_index.url, f"{url}#{digest}", "other") == 40
    assert pip.facts(RequirementFacts) == [
        RequirementFacts(requirement="demo==1.0", origin=COMMAND_LINE, has_hash=True),
        RequirementFacts(requirement="other", origin=COMMAND_LINE, project="other"),
    ]
    assert [facts.url for facts in pip.facts(CandidateFacts)] == [f"{url}#{digest}"]
    assert local_index.paths == []


def test_index_that_does_not_answer_is_told(pip: GuardedPip, local_index: LocalIndex) -> None:
    wheel = make_wheel("demo")
    local_index.publish(wheel)
    with LocalIndex(tls=False) as silent:
        silent.page("/simple/demo/", "", status=403)
        assert pip.run(*TRY, local_index.url, "--extra-index-url", silent.url, "demo") == 0
        found = listed(
            wheel,
            local_index,
            offering_indexes=frozenset({local_index.url}),
            silent_indexes=frozenset({silent.url}),
        )
    assert pip.facts(CandidateFacts) == [found]


def test_extra_requires_nothing_by_itself(pip: GuardedPip, local_index: LocalIndex, tmp_path: Path) -> None:
    local_index.publish(make_wheel("demo", extras={"x": ()}))
    (tmp_path / "all.txt").write_text("demo[x]==1.0\n", encoding="utf-8")
    assert pip.run(*TRY, local_index.url, "-r", "all.txt") == 0
    line = Origin(kind=OriginKind.REQUIREMENTS, text="line 1 of all.txt")
    assert {facts.origin for facts in pip.facts(CandidateFacts)} == {line}


# Builds


@pytest.fixture
def wrapped(pip: GuardedPip) -> None:
    install_hooks(HOOKS, ResolutionState(session.get_session()))


@pytest.mark.usefixtures("wrapped")
@pytest.mark.parametrize(
    ("policy", "formats"),
    [
        pytest.param(Policy(), {"binary"}, id="refused"),
        pytest.param(BUILDS, {"source"}, id="rule-is-off"),
        pytest.param(
            Policy(exceptions=(make_exception(rule="source-distribution", project="demo"),)), {"source"}, id="excused"
        ),
        pytest.param(
            Policy(exceptions=(make_exception(rule="source-distribution", project="other"),)),
            {"binary"},
            id="other-is-excused",
        ),
    ],
)
def test_source_distributions_are_offered_where_one_may_be_built(
    pip: GuardedPip, policy: Policy, formats: set[str]
) -> None:
    pip.policy = policy
    assert FormatControl(no_binary={"demo"}).get_allowed_formats("demo") == formats


@pytest.mark.usefixtures("wrapped")
@pytest.mark.parametrize(
    ("policy", "name", "is_used"),
    [
        pytest.param(BUILDS, "demo", True, id="may-be-built"),
        pytest.param(Policy(), "demo", False, id="may-not-be-built"),
        pytest.param(BUILDS, None, False, id="nobody-knows-of-what"),
    ],
)
def test_cached_wheel_is_used_where_it_could_be_built_now(
    pip: GuardedPip, tmp_path: Path, policy: Policy, name: str | None, is_used: bool
) -> None:
    pip.policy = policy
    link = Link("https://files.example/demo-1.0.tar.gz")
    with global_tempdir_manager():
        cache = WheelCache(str(tmp_path))
        folder = Path(cache.get_path_for_link(link))
        folder.mkdir(parents=True)
        path = make_wheel("demo").write(folder)
        entry = cache.get_cache_entry(link, name, get_supported())
    assert (None if entry is None else entry.link) == (Link(path.as_uri()) if is_used else None)


def test_what_is_built_is_recorded_before_the_first_build(
    pip: GuardedPip, local_index: LocalIndex, tmp_path: Path
) -> None:
    pip.policy = BUILDS
    for name in ("demo", "other"):
        make_source_tree(tmp_path / name, name, sentinel=tmp_path / "sentinel")
    arguments = ("--no-build-isolation", "./demo", "--editable=./other")
    assert pip.run(*TRY, local_index.url, *arguments) == 0
    assert pip.journal.begins == [CommandSummary(command="install", enforced=pip.enforced)]
    # they are judged together, then each before it is built
    assert pip.facts(CandidateFacts) == 2 * [
        CandidateFacts(
            kind=CandidateKind.DIRECTORY,
            url=(tmp_path / name).as_uri(),
            filename=str(tmp_path / name),
            origin=origin,
            project=project,
            editable=editable,
            named_on_command_line=True,
            direct=True,
        )
        for name, editable, project, origin in [
            ("demo", False, None, COMMAND_LINE),
            ("other", True, None, by_option("--editable", "./other").origin),
        ]
    ]


@pytest.mark.parametrize("arguments", [["./demo"], ["--editable", "./demo"]])
def test_directory_is_not_touched_when_it_is_refused(
    pip: GuardedPip, local_index: LocalIndex, tmp_path: Path, arguments: list[str]
) -> None:
    make_source_tree(tmp_path / "demo", "demo", sentinel=tmp_path / "sentinel")
    pip.refused = (CandidateFacts,)
    assert pip.run(*TRY, local_index.url, *arguments) == 40
    assert not (tmp_path / "sentinel").exists()
    assert pip.journal.begins == []


def test_path_that_is_missing_fails_as_with_pip(
    pip: GuardedPip, local_index: LocalIndex, capfd: pytest.CaptureFixture[str]
) -> None:
    pip.refused = (CandidateFacts,)
    assert pip.run(*TRY, local_index.url, "demo @ file:///croot/demo_1671487769961/work") == 1
    assert "No such file or directory: '/croot/demo_1671487769961/work'" in capfd.readouterr().err
    assert pip.facts(CandidateFacts) == []


def test_cached_wheel_of_a_path_that_is_missing_is_judged_as_what_it_was_built_from(
    pip: GuardedPip, local_index: LocalIndex, tmp_path: Path
) -> None:
    url = (tmp_path / "demo-1.0.tar.gz").as_uri()
    cache = tmp_path / "cache"
    with global_tempdir_manager():
        folder = Path(WheelCache(str(cache)).get_path_for_link(Link(url)))
    folder.mkdir(parents=True)
    make_wheel("demo").write(folder)
    pip.policy = BUILDS
    assert pip.run(*TRY, local_index.url, f"--cache-dir={cache}", f"demo @ {url}") == 0
    assert [(facts.kind, facts.url) for facts in pip.facts(CandidateFacts)] == [(CandidateKind.SOURCE_ARCHIVE, url)]


def test_what_two_builds_of_a_project_need_is_judged_once(
    pip: GuardedPip, local_index: LocalIndex, tmp_path: Path
) -> None:
    pip.policy = BUILDS
    helper = make_wheel("helper")
    local_index.publish(helper)
    for version, requires in (("1.0", ()), ("2.0", ("absent",))):
        sdist = make_sdist(
            "demo", version, sentinel=tmp_path / "sentinel", requires=requires, build_requires=["helper"]
        )
        local_index.publish(sdist)
    assert pip.run(*TRY, local_index.url, "demo") == 0
    assert [facts.filename for facts in pip.facts(CandidateFacts)] == [
        "demo-2.0.tar.gz",
        helper.filename,
        "demo-1.0.tar.gz",
    ]
    needed = [facts for facts in pip.facts(CandidateFacts) if facts.project == "helper"]
    assert needed == [listed(helper, local_index, needed_by("the build of demo"))]
    ((summary, _),) = pip.journal.ends
    assert [(file.filename, file.for_build) for file in summary.files] == [
        (helper.filename, True),
        ("demo-1.0.tar.gz", False),
    ]


# Ages


def test_page_without_times_is_told_where_nothing_is_kept_back(pip: GuardedPip, local_index: LocalIndex) -> None:
    local_index.html_only = True
    local_index.publish(make_wheel("demo"))
    pip.policy = Policy(severities=QUIET, mode=Mode.OBSERVE)
    assert pip.run(*TRY, local_index.url, "demo") == 0
    assert pip.facts(NoUploadTimeFacts) == [NoUploadTimeFacts(index=local_index.url)]
    assert pip.facts(ReleaseFacts) == []


def test_page_without_times_is_told_once(pip: GuardedPip, local_index: LocalIndex) -> None:
    local_index.html_only = True
    for version in ("1.0", "2.0"):
        local_index.publish(make_wheel("demo", version))
    assert pip.run(*TRY, local_index.url, "demo") == 0
    assert pip.facts(NoUploadTimeFacts) == [NoUploadTimeFacts(index=f"{local_index.url}demo/")]


@pytest.mark.parametrize("mode", [pytest.param(mode, id=mode.value) for mode in Mode])
def test_exempt_page_is_not_asked_for_times(pip: GuardedPip, local_index: LocalIndex, mode: Mode) -> None:
    local_index.html_only = True
    local_index.publish(make_wheel("demo"))
    exempt = Releases(exempt_indexes=parse_locations([local_index.url]))
    pip.policy = Policy(severities=QUIET, releases=exempt, mode=mode)
    assert pip.run(*TRY, local_index.url, "demo") == 0
    assert pip.facts(CandidateFacts) != []
    assert (pip.facts(NoUploadTimeFacts), pip.facts(ReleaseFacts)) == ([], [])


@pytest.mark.parametrize("listed", [pytest.param(True, id="index-knows-it"), pytest.param(False, id="nobody-does")])
def test_index_is_asked_for_the_age_of_what_has_an_address(
    pip: GuardedPip, local_index: LocalIndex, listed: bool
) -> None:
    wheel = make_wheel("demo")
    local_index.publish(make_wheel("demo", "2.0"))
    url = local_index.page("/elsewhere/demo-1.0-py3-none-any.whl", wheel.content)
    if listed:
        local_index.publish(wheel)
    assert pip.run(*TRY, local_index.url, url) == 0
    assert (pip.facts(ReleaseFacts), pip.facts(NoUploadTimeFacts)) == (
        ([released(wheel)], []) if listed else ([], [NoUploadTimeFacts(index=url)])
    )


def test_local_file_has_no_age(pip: GuardedPip, local_index: LocalIndex, tmp_path: Path) -> None:
    make_wheel("demo").write(tmp_path)
    assert pip.run(*TRY, local_index.url, "./demo-1.0-py3-none-any.whl") == 0
    assert {facts.direct for facts in pip.facts(CandidateFacts)} == {True}
    assert (pip.facts(ReleaseFacts), pip.facts(NoUploadTimeFacts)) == ([], [])
