"""Test which releases are named as held back by the minimum age."""

from __future__ import annotations

import zipfile
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from pip_guard.advisories.query import AdvisoryQuery
from pip_guard.engine.summary import HeldBackRelease
from pip_guard.facts.resolution import Advisory, AdvisoryFacts, StatusFacts
from pip_guard.facts.violation import Severity
from pip_guard.frozen import replace
from pip_guard.pip_adapter.index import upload_times
from pip_guard.pip_adapter.resolution.candidates import COMMAND_LINE
from pip_guard.pip_adapter.resolution.reputation import fixed_by
from pip_guard.pip_adapter.version import pip_version
from pip_guard.policy.model import Advisories, Policy, Releases
from pip_guard.urls.location import parse_location
from tests.kit.index import LocalIndex
from tests.kit.sources import Sdist
from tests.kit.wheels import make_wheel
from tests.unit.factories import make_exception
from tests.unit.pip_adapter.guarded_pip import QUIET, TRY, GuardedPip

NOW = datetime(2026, 5, 1, tzinfo=timezone.utc)
AGE = timedelta(days=30)
UPLOADED = NOW - timedelta(days=1)
HELD_BACK = HeldBackRelease(project="demo", version="2.0", until=UPLOADED + AGE, minimum_age=AGE, chosen="1.0")
LEGACY = "--use-deprecated=legacy-resolver"


@pytest.fixture(autouse=True)
def _today(pip: GuardedPip, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload_times, "utc_now", lambda: NOW)
    pip.policy = Policy(severities=QUIET, releases=Releases(minimum_age=AGE))


@pytest.fixture
def index(local_index: LocalIndex) -> LocalIndex:
    """Offer an old release, and two that are too new, the older of which with a later file."""
    for version, hours in (("1.0", 24 * 365), ("1.5", 30), ("2.0", 24)):
        local_index.publish(make_wheel("demo", version, extras={"x": ()}), upload_time=NOW - timedelta(hours=hours))
    return local_index


@pytest.mark.parametrize(
    ("arguments", "held_back"),
    [
        pytest.param(["demo"], [HELD_BACK], id="any-version"),
        pytest.param(["demo[x]", "demo>=1"], [HELD_BACK], id="extra"),
        pytest.param(["demo", "other"], [HELD_BACK], id="asked-for-twice"),
        pytest.param(
            ["demo<2"],
            [replace(HELD_BACK, version="1.5", until=NOW - timedelta(hours=30) + AGE)],
            id="some-versions",
        ),
        pytest.param(["demo==1.0"], [], id="one-version"),
        pytest.param(["demo", "narrow"], [], id="excluded-by-another"),
        pytest.param(["demo", "--constraint=constraints.txt"], [], id="constraint"),
        pytest.param([LEGACY, "demo"], [HELD_BACK], id="legacy-resolver"),
        pytest.param([LEGACY, "demo==1.0"], [], id="legacy-resolver-one-version"),
        pytest.param([LEGACY, "demo", "--constraint=constraints.txt"], [], id="legacy-resolver-constraint"),
    ],
)
def test_newest_release_that_only_its_age_excludes_is_named(
    pip: GuardedPip, index: LocalIndex, tmp_path: Path, arguments: list[str], held_back: list[HeldBackRelease]
) -> None:
    index.publish(make_wheel("other", requires=["demo"]))
    index.publish(make_wheel("narrow", requires=["demo<1.2"]))
    (tmp_path / "constraints.txt").write_text("demo<1.2\nother<9\n", encoding="utf-8")
    assert pip.run(*TRY, index.url, *arguments) == 0
    assert pip.report.held_back == [(release, False) for release in held_back]
    ((summary, _),) = pip.journal.ends
    assert summary.held_back == tuple(held_back)


def test_who_wants_quiet_is_not_told(pip: GuardedPip, index: LocalIndex) -> None:
    assert pip.run(*TRY, index.url, "-q", "demo") == 0
    assert pip.report.held_back == [(HELD_BACK, True)]


@pytest.mark.parametrize("resolver", [(), (LEGACY,)])
def test_file_that_was_asked_for_by_its_address_holds_nothing_back(
    pip: GuardedPip, index: LocalIndex, resolver: tuple[str, ...]
) -> None:
    url = f"{index.files_url}demo-1.0-py3-none-any.whl"
    assert pip.run(*TRY, index.url, *resolver, url) == 0
    assert pip.report.held_back == []


def test_source_distribution_is_not_held_back_by_its_age(pip: GuardedPip, local_index: LocalIndex) -> None:
    local_index.publish(make_wheel("demo", "1.0"))
    sdist = Sdist(name="demo", version="2.0", filename="demo-2.0.tar.gz", content=b"", metadata=b"")
    local_index.publish(sdist, upload_time=UPLOADED)
    assert pip.run(*TRY, local_index.url, "demo") == 0
    assert pip.report.held_back == []


def fixed(*versions: str, identifier: str = "PYSEC-1", malicious: bool = False) -> Advisory:
    return Advisory(id=identifier, malicious=malicious, fixed=versions)


@pytest.mark.parametrize(
    ("advisories", "fixes"),
    [
        pytest.param([fixed("1.5")], ["PYSEC-1"], id="older"),
        pytest.param([fixed("2.0")], ["PYSEC-1"], id="same"),
        pytest.param([fixed("2.1")], [], id="later"),
        pytest.param([fixed()], [], id="never"),
        pytest.param([fixed("1.5", "2.1")], [], id="perhaps"),
        pytest.param([fixed("2.0", "3.1")], ["PYSEC-1"], id="in-one-line"),
        pytest.param([fixed("1.5", malicious=True)], [], id="malware"),
        pytest.param([fixed("1.5"), fixed("1.7", identifier="PYSEC-2")], ["PYSEC-1", "PYSEC-2"], id="two"),
        pytest.param([fixed("what?")], [], id="odd"),
    ],
)
def test_knows_which_vulnerabilities_a_release_fixes(advisories: list[Advisory], fixes: list[str]) -> None:
    assert list(fixed_by("2.0", advisories)) == fixes


ASKING = Policy(
    severities={**QUIET, "known-vulnerability": Severity.WARNING, "yanked-release": Severity.WARNING},
    releases=Releases(minimum_age=AGE),
    advisories=Advisories(source=parse_location("https://osv.example")),
)
DOWNLOAD = ("download", "--no-cache-dir", "-d", "files", "-i")


@pytest.fixture
def vulnerable(pip: GuardedPip, monkeypatch: pytest.MonkeyPatch) -> None:
    """Know a vulnerability of demo 1.0."""

    def answer(query: AdvisoryQuery) -> tuple[AdvisoryFacts, ...]:
        return (AdvisoryFacts(project="demo", version="1.0", origin=COMMAND_LINE, advisories=(fixed("1.5"),)),)

    pip.policy = ASKING
    monkeypatch.setattr(AdvisoryQuery, "start", lambda query: None)
    monkeypatch.setattr(AdvisoryQuery, "collect", answer)


@pytest.mark.usefixtures("vulnerable")
@pytest.mark.parametrize("command", [TRY, DOWNLOAD])
def test_vulnerability_that_a_release_fixes_is_named_with_it(
    pip: GuardedPip, index: LocalIndex, command: tuple[str, ...]
) -> None:
    assert pip.run(*command, index.url, "demo") == 0
    assert pip.report.held_back == [(replace(HELD_BACK, fixes=("PYSEC-1",)), False)]


@pytest.mark.usefixtures("vulnerable")
@pytest.mark.parametrize(("refused", "fixes"), [(StatusFacts, ()), (AdvisoryFacts, ("PYSEC-1",))])
def test_release_is_named_though_something_is_refused(
    pip: GuardedPip, index: LocalIndex, refused: type, fixes: tuple[str, ...]
) -> None:
    index.set_status("demo", "archived")
    pip.refused = (refused,)
    assert pip.run(*DOWNLOAD, index.url, "demo") == 40
    assert pip.report.held_back == [(replace(HELD_BACK, fixes=fixes), False)]


@pytest.mark.parametrize("resolver", [(), (LEGACY,)])
def test_release_is_named_where_an_older_one_is_installed(
    pip: GuardedPip, index: LocalIndex, resolver: tuple[str, ...]
) -> None:
    index.publish(make_wheel("pip", "9999.0"), upload_time=UPLOADED)
    assert pip.run(*TRY, index.url, *resolver, "-U", "pip") == 0
    ((release, _),) = pip.report.held_back
    assert (release.project, release.version, release.chosen) == ("pip", "9999.0", pip_version())


# pip list --outdated


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """Install the oldest release into a folder."""
    folder = tmp_path / "library"
    with zipfile.ZipFile(make_wheel("demo", "1.0").write(tmp_path)) as wheel:
        wheel.extractall(folder)
    return folder


@pytest.mark.parametrize("quiet", [False, True])
def test_list_says_which_of_the_latest_releases_are_held_back(
    pip: GuardedPip, index: LocalIndex, library: Path, capsys: pytest.CaptureFixture[str], quiet: bool
) -> None:
    index.publish(make_wheel("demo", "0.5"))
    assert pip.run("list", "--outdated", "--path", library, "-i", index.url, *(["-q"] if quiet else [])) == 0
    assert pip.report.held_back == [(HELD_BACK, quiet)]
    assert ("2.0" in capsys.readouterr().out) is not quiet


def allow(**settings: Any) -> Policy:
    return Policy(**{"severities": QUIET, "releases": Releases(minimum_age=AGE), **settings})


@pytest.mark.parametrize(
    "policy",
    [
        pytest.param(allow(severities={**QUIET, "recent-release": Severity.WARNING}), id="warning"),
        pytest.param(allow(releases=Releases(minimum_age=timedelta(hours=2))), id="old-enough"),
        pytest.param(allow(exceptions=(make_exception(rule="recent-release", project="demo"),)), id="exception"),
    ],
)
def test_list_names_nothing_that_can_be_installed(
    pip: GuardedPip, index: LocalIndex, library: Path, policy: Policy
) -> None:
    pip.policy = policy
    assert pip.run("list", "--outdated", "--path", library, "-i", index.url) == 0
    assert pip.report.held_back == []


@pytest.mark.parametrize("upload_time", [UPLOADED, None])
def test_list_names_no_release_that_is_not_held_back_by_its_age(
    pip: GuardedPip, index: LocalIndex, library: Path, upload_time: datetime | None
) -> None:
    sdist = Sdist(name="demo", version="3.0", filename="demo-3.0.tar.gz", content=b"", metadata=b"")
    index.publish(sdist if upload_time else make_wheel("demo", "3.0"), upload_time=upload_time)
    assert pip.run("list", "--outdated", "--path", library, "-i", index.url) == 0
    assert pip.report.held_back == []
