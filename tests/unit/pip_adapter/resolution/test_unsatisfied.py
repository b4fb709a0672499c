"""Test how it is explained that nothing satisfies a requirement."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from pip_guard.facts.candidate import HiddenSdistFacts, TooNewFacts, TooNewFile
from pip_guard.facts.origin import Origin, OriginKind
from pip_guard.facts.resolution import ProjectStatus, StatusFacts
from pip_guard.facts.violation import Severity
from pip_guard.pip_adapter.index import upload_times
from pip_guard.pip_adapter.resolution.candidates import COMMAND_LINE
from pip_guard.policy.model import Network, Policy, Releases, parse_locations
from tests.kit.index import LocalIndex
from tests.kit.sources import Sdist
from tests.kit.wheels import make_wheel
from tests.unit.pip_adapter.guarded_pip import QUIET, TRY, GuardedPip

NOW = datetime(2026, 5, 1, tzinfo=timezone.utc)
YESTERDAY = NOW - timedelta(days=1)
KINDS = (HiddenSdistFacts, TooNewFacts, StatusFacts)
LEGACY = "--use-deprecated=legacy-resolver"
UNNAMED = Origin(kind=OriginKind.DEFAULT, text="the requirements")


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload_times, "utc_now", lambda: NOW)


def publish_sdists(index: LocalIndex, *filenames: str, project: str = "demo") -> None:
    for filename in filenames:
        sdist = Sdist(name=project, version="0", filename=filename, content=b"", metadata=b"")
        index.publish(sdist)


def explained(pip: GuardedPip) -> list[object]:
    return [facts for facts in pip.told if isinstance(facts, KINDS)]


def hidden(requirement: str, *files: str, version: str, origin: Origin = COMMAND_LINE) -> HiddenSdistFacts:
    return HiddenSdistFacts(requirement=requirement, project="demo", files=files, origin=origin, version=version)


@pytest.mark.parametrize(
    ("requirement", "facts"),
    [
        pytest.param(
            "demo",
            [hidden("demo", "demo-1.0.tar.gz", "Demo-2.0.zip", "demo-10.0.tar.gz", version="10.0")],
            id="any-version",
        ),
        pytest.param("demo<2", [hidden("demo<2", "demo-1.0.tar.gz", version="1.0")], id="some-versions"),
        pytest.param("demo>10", [], id="no-version"),
    ],
)
def test_source_distributions_that_would_do_are_named(
    pip: GuardedPip, local_index: LocalIndex, requirement: str, facts: list[object]
) -> None:
    publish_sdists(local_index, "demo-10.0.tar.gz", "Demo-2.0.zip", "demo-1.0.tar.gz", "demo-1.0x!.zip", "demo.zip")
    assert pip.run(*TRY, local_index.url, requirement) == 1
    assert explained(pip) == facts


def test_source_distribution_without_an_upload_time_is_named(pip: GuardedPip, local_index: LocalIndex) -> None:
    exempt = Releases(exempt_indexes=parse_locations((local_index.url,)))
    pip.policy = Policy(severities=QUIET, network=Network(ahead=False), releases=exempt)
    archive = Sdist(name="demo", version="1.0", filename="demo-1.0.tar.gz", content=b"", metadata=b"")
    local_index.publish(archive, upload_time=None)
    assert pip.run(*TRY, local_index.url, "demo") == 1
    assert explained(pip) == [hidden("demo", "demo-1.0.tar.gz", version="1.0")]


def test_source_distribution_is_not_named_where_it_may_be_built(pip: GuardedPip, local_index: LocalIndex) -> None:
    pip.policy = Policy(severities={**QUIET, "source-distribution": Severity.OFF})
    publish_sdists(local_index, "demo-1.0.tar.gz")
    assert pip.run(*TRY, local_index.url, "--only-binary=demo", "demo") == 1
    assert explained(pip) == []


@pytest.mark.parametrize(
    ("options", "requires_python"),
    [
        pytest.param([], ">=99", id="other-python"),
        pytest.param(["--only-binary=:all:"], None, id="only-binary"),
        pytest.param(["--only-binary=demo"], None, id="only-binary-for-the-project"),
        pytest.param(["--only-binary=:all:", "--platform=any", "--target=there"], None, id="other-platform"),
        pytest.param(["--uploaded-prior-to=2001-01-01"], None, id="uploaded-too-late-for-the-user"),
    ],
)
def test_source_distribution_that_pip_alone_would_not_build_is_not_named(
    pip: GuardedPip,
    local_index: LocalIndex,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    requires_python: str | None,
) -> None:
    local_index.publish(
        Sdist(name="demo", version="1.0", filename="demo-1.0.tar.gz", content=b"", metadata=b""),
        requires_python=requires_python,
    )
    assert pip.run(*TRY, local_index.url, *options, "demo") == 1
    assert explained(pip) == []
    error = capsys.readouterr().err
    assert "No matching distribution found for demo" in error
    assert ("1.0 Requires-Python >=99" in error) is (requires_python is not None)


def test_source_distribution_is_not_named_where_a_wheel_of_its_version_is_too_new(
    pip: GuardedPip, local_index: LocalIndex
) -> None:
    local_index.publish(make_wheel("demo", "2.0"), upload_time=YESTERDAY)
    publish_sdists(local_index, "demo-2.0.tar.gz")
    assert pip.run(*TRY, local_index.url, "demo==2.0") == 1
    file = TooNewFile(filename="demo-2.0-py3-none-any.whl", version="2.0", uploaded=YESTERDAY)
    assert explained(pip) == [
        TooNewFacts(requirement="demo==2.0", project="demo", files=(file,), now=NOW, origin=COMMAND_LINE)
    ]


def test_source_distribution_that_is_too_new_is_named_as_both(pip: GuardedPip, local_index: LocalIndex) -> None:
    sdist = Sdist(name="demo", version="2.0", filename="demo-2.0.tar.gz", content=b"", metadata=b"")
    local_index.publish(sdist, upload_time=YESTERDAY)
    assert pip.run(*TRY, local_index.url, "demo") == 1
    file = TooNewFile(filename="demo-2.0.tar.gz", version="2.0", uploaded=YESTERDAY)
    assert explained(pip) == [
        TooNewFacts(requirement="demo", project="demo", files=(file,), now=NOW, origin=COMMAND_LINE),
        hidden("demo", "demo-2.0.tar.gz", version="2.0"),
    ]


def test_requirement_of_another_is_told_as_such(pip: GuardedPip, local_index: LocalIndex) -> None:
    local_index.publish(make_wheel("other", requires=["demo>=1"]))
    publish_sdists(local_index, "demo-1.0.tar.gz")
    assert pip.run(*TRY, local_index.url, "other") == 1
    origin = Origin(kind=OriginKind.DEPENDENCY, text="other 1.0")
    assert explained(pip) == [hidden("demo>=1", "demo-1.0.tar.gz", version="1.0", origin=origin)]


@pytest.mark.parametrize("resolver", [pytest.param([], id="resolvelib"), pytest.param([LEGACY], id="legacy")])
@pytest.mark.parametrize(
    ("verbosity", "is_shown"), [pytest.param([], False, id="plain"), pytest.param(["--verbose"], True, id="verbose")]
)
def test_refusal_takes_the_place_of_what_pip_would_say(
    pip: GuardedPip,
    local_index: LocalIndex,
    capsys: pytest.CaptureFixture[str],
    resolver: list[str],
    verbosity: list[str],
    is_shown: bool,
) -> None:
    pip.refused = (HiddenSdistFacts,)
    publish_sdists(local_index, "demo-1.0.tar.gz")
    assert pip.run(*TRY, local_index.url, *resolver, *verbosity, "demo") == 40
    captured = capsys.readouterr()
    assert "Could not find a version" not in captured.err
    assert ("Could not find a version" in captured.out) is is_shown
    assert "No matching distribution found" not in captured.err


@pytest.mark.parametrize("resolver", [pytest.param([], id="resolvelib"), pytest.param([LEGACY], id="legacy")])
def test_pip_says_what_nobody_refuses(
    pip: GuardedPip, local_index: LocalIndex, capsys: pytest.CaptureFixture[str], resolver: list[str]
) -> None:
    publish_sdists(local_index, "demo-1.0.tar.gz")
    assert pip.run(*TRY, local_index.url, *resolver, "demo") == 1
    assert [line.partition(" that ")[0] for line in capsys.readouterr().err.splitlines() if "Could not" in line] == [
        "ERROR: Could not find a version"
    ]


def test_young_files_that_would_do_are_named(pip: GuardedPip, local_index: LocalIndex) -> None:
    for version in ("1.0", "2.0"):
        local_index.publish(make_wheel("demo", version), upload_time=YESTERDAY)
    assert pip.run(*TRY, local_index.url, "demo<2") == 1
    file = TooNewFile(filename="demo-1.0-py3-none-any.whl", version="1.0", uploaded=YESTERDAY)
    assert explained(pip) == [
        TooNewFacts(requirement="demo<2", project="demo", files=(file,), now=NOW, origin=COMMAND_LINE)
    ]


def test_project_in_quarantine_is_named(pip: GuardedPip, local_index: LocalIndex) -> None:
    local_index.set_status("demo", "quarantined", reason="looked at")
    assert pip.run(*TRY, local_index.url, "demo") == 1
    assert explained(pip) == [
        StatusFacts(project="demo", origin=COMMAND_LINE, status=ProjectStatus.QUARANTINED, reason="looked at")
    ]


def test_what_another_python_needs_is_for_pip_to_say(pip: GuardedPip, local_index: LocalIndex) -> None:
    url = local_index.publish(make_wheel("demo", requires_python=">=99"))
    assert pip.run(*TRY, local_index.url, url) == 1
    assert explained(pip) == []


@pytest.mark.parametrize(
    ("young", "facts"),
    [
        pytest.param(False, hidden("demo", "demo-1.0.tar.gz", version="1.0", origin=UNNAMED), id="source"),
        pytest.param(
            True,
            TooNewFacts(
                requirement="demo",
                project="demo",
                files=(TooNewFile(filename="demo-1.0-py3-none-any.whl", version="1.0", uploaded=YESTERDAY),),
                now=NOW,
                origin=UNNAMED,
            ),
            id="young",
        ),
    ],
)
def test_legacy_resolver_stops_at_the_project_that_it_does_not_find(
    pip: GuardedPip, local_index: LocalIndex, young: bool, facts: object
) -> None:
    local_index.publish(make_wheel("other", requires=["demo"]))
    publish_sdists(local_index, "other-1.0.tar.gz", project="other")
    if young:
        local_index.publish(make_wheel("demo"), upload_time=YESTERDAY)
    else:
        publish_sdists(local_index, "demo-1.0.tar.gz")
    assert pip.run(*TRY, local_index.url, LEGACY, "other") == 1
    assert explained(pip) == [facts]


@pytest.mark.parametrize(
    ("wheels", "sdists", "facts"),
    [
        pytest.param(["1.0", "2.0"], ["1.0", "2.0"], [], id="every-version-has-a-wheel"),
        pytest.param(["1.0", "2.0"], ["0.1", "3.0"], [], id="no-version-is-between"),
        pytest.param(
            ["1.0", "2.0"],
            ["1.5"],
            [hidden("demo<2,>1", "demo-1.5.tar.gz", version="1.5")],
            id="only-a-source-distribution-is-between",
        ),
    ],
)
def test_conflict_is_for_pip_to_say_unless_a_source_distribution_would_end_it(
    pip: GuardedPip, local_index: LocalIndex, wheels: list[str], sdists: list[str], facts: list[object]
) -> None:
    for version in wheels:
        local_index.publish(make_wheel("demo", version))
    publish_sdists(local_index, *(f"demo-{version}.tar.gz" for version in sdists))
    local_index.publish(make_wheel("other", requires=["demo>1"]))
    assert pip.run(*TRY, local_index.url, "demo<2", "other") == 1
    assert explained(pip) == facts


def test_other_failure_is_for_pip_to_say(pip: GuardedPip, local_index: LocalIndex) -> None:
    local_index.publish(make_wheel("demo"), hashes="0" * 64, metadata=False)
    publish_sdists(local_index, "demo-0.1.tar.gz")
    assert pip.run(*TRY, local_index.url, "demo") == 1
    assert explained(pip) == []


# All at once


@pytest.fixture
def sources(local_index: LocalIndex) -> LocalIndex:
    """Offer projects without wheels, one with, and one that is too new."""
    for name in ("one", "two", "three"):
        publish_sdists(local_index, f"{name}-1.0.tar.gz", f"{name}-2.0.tar.gz", project=name)
    local_index.publish(make_wheel("demo"))
    local_index.publish(make_wheel("young"), upload_time=YESTERDAY)
    local_index.publish(make_wheel("pip", "9999.0"))
    return local_index


def named(pip: GuardedPip) -> list[tuple[str, str]]:
    """Return the requirements that were explained, and where each is from."""
    kinds = (HiddenSdistFacts, TooNewFacts)
    return [(facts.requirement, facts.origin.text) for facts in pip.told if isinstance(facts, kinds)]


@pytest.mark.parametrize("ahead", [True, False])
def test_all_requirements_that_nothing_satisfies_are_named_at_once(
    pip: GuardedPip, sources: LocalIndex, tmp_path: Path, ahead: bool
) -> None:
    lines = ["demo", "one==1.0", "two<3", "one[x]", "young", "nowhere", "pip", "three; python_version < '3'"]
    (tmp_path / "r.txt").write_text("\n".join(lines), encoding="utf-8")
    pip.policy = Policy(severities=QUIET, network=Network(ahead=ahead))
    assert pip.run(*TRY, sources.url, "-r", "r.txt") == 1
    assert sorted(set(named(pip))) == [
        ("one==1.0", "line 2 of r.txt"),
        ("one[x]", "line 4 of r.txt"),
        ("two<3", "line 3 of r.txt"),
        ("young", "line 5 of r.txt"),
    ]
    assert len(named(pip)) == 4
    assert len(sources.paths) == len({*sources.paths})


def test_constraints_count_for_what_is_named(pip: GuardedPip, sources: LocalIndex, tmp_path: Path) -> None:
    (tmp_path / "c.txt").write_text("two<2\nthree>2\n", encoding="utf-8")
    assert pip.run(*TRY, sources.url, "-c", "c.txt", "one==2.0", "two", "three") == 1
    files = {facts.project: facts.files for facts in pip.facts(HiddenSdistFacts)}
    assert files == {"one": ("one-2.0.tar.gz",), "two": ("two-1.0.tar.gz",)}


def test_nothing_else_is_named_where_pip_says_what_is_wrong(pip: GuardedPip, sources: LocalIndex) -> None:
    assert pip.run(*TRY, sources.url, "nowhere", "one") == 1
    assert named(pip) == []


def test_what_is_installed_is_no_way_out_where_it_is_to_be_installed_again(
    pip: GuardedPip, sources: LocalIndex
) -> None:
    publish_sdists(sources, "pytest-9999.0.tar.gz", project="pytest")
    assert pip.run(*TRY, sources.url, "one", "pytest") == 1
    assert [requirement for requirement, _ in named(pip)] == ["one"]
    assert pip.run(*TRY, sources.url, "--force-reinstall", "one", "pytest") == 1
    assert [requirement for requirement, _ in named(pip)][1:] == ["one", "pytest"]


def test_what_cannot_be_looked_up_is_left_out(pip: GuardedPip, sources: LocalIndex) -> None:
    sources.page("/simple/two/", "{", "application/vnd.pypi.simple.v1+json")
    sources.publish(make_wheel("three"), upload_time=None)
    arguments = (*TRY, sources.url, "--uploaded-prior-to", "2026-04-01T00:00:00Z")
    assert pip.run(*arguments, "one", "two", "three") == 1
    assert [requirement for requirement, _ in named(pip)] == ["one"]
