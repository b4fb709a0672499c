"""What was inspected is judged, and asked about once."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, timedelta
from pathlib import Path

import pytest

from pip_guard.advisories.interface import Answers, CachedAnswers, Known, Release
from pip_guard.commands.scan import scan
from pip_guard.distributions.installed.libraries import LibraryFolder
from pip_guard.facts.resolution import Advisory
from pip_guard.facts.violation import Severity
from pip_guard.policy.model import Advisories, Indexes, Policy
from pip_guard.report.scan import Scan
from pip_guard.rules import ALL_RULES
from pip_guard.urls.location import parse_location
from tests.unit.distributions.installed.environments import install, make_library_folder
from tests.unit.factories import make_exception

TODAY = date(2026, 5, 1)
OFF = Policy(severities={"known-malicious": Severity.OFF, "known-vulnerability": Severity.OFF})
PRIVATE = parse_location("https://pypi.acme.example/simple/")


class Knowing:
    """A source that knows malware by the names of projects, and remembers what it was asked."""

    name = "a source"
    timeout = None
    age: timedelta | None = None

    def __init__(self, *malware: str) -> None:
        self.asked: list[str] = []
        self._malware = malware

    def remember(self, releases: Collection[Release]) -> CachedAnswers:
        return CachedAnswers(fresh={}, stale={}, age=None)

    def ask(self, releases: Collection[Release], before: Answers, publish: Callable[[Answers], None]) -> None:
        self.asked += map(str, releases)
        known = Known(Advisory(id="MAL-1", malicious=True), "", detailed=True)
        publish({release: (known,) if release.project in self._malware else () for release in releases})


@pytest.fixture
def place(tmp_path: Path) -> LibraryFolder:
    return make_library_folder(tmp_path)


def look(place: LibraryFolder, source: Knowing | None = None, policy: Policy | None = None) -> Scan:
    return scan([place], policy or Policy(), ALL_RULES, TODAY, lambda: source or Knowing())


def found(result: Scan) -> list[tuple[str, str | None]]:
    return [(finding.rule, finding.violation.project) for finding in result.verdict.findings]


def test_finds_nothing_where_nothing_is_wrong(place: LibraryFolder) -> None:
    install(place, "demo")
    result = look(place)
    assert (found(result), result.notes, result.files, result.advisories) == ([], (), 3, ())
    assert result.places == (place,)


def test_asks_about_all_releases_at_once(place: LibraryFolder) -> None:
    source = Knowing("evil")
    install(place, "demo", "1.0+local")
    install(place, "evil")
    result = look(place, source)
    assert source.asked == ["demo 1.0", "evil 1.0"]
    assert found(result) == [("known-malicious", "evil")]
    assert [facts.project for facts in result.advisories] == ["evil"]


def test_tells_nobody_of_what_is_private(place: LibraryFolder) -> None:
    source = Knowing()
    install(place, "acme-core")
    install(place, "other-core")
    install(place, "demo", direct_url={"url": "git+ssh://host.example/demo", "vcs_info": {}})
    policy = Policy(
        indexes=Indexes(projects={"acme-*": PRIVATE, "other-*": parse_location("https://pypi.org/simple/")}),
        advisories=Advisories(exempt_indexes=(PRIVATE,)),
    )
    look(place, source, policy)
    assert source.asked == ["other-core 1.0"]


@pytest.mark.parametrize(
    "policy", [pytest.param(OFF, id="rules-off"), pytest.param(Policy(), id="nothing-is-installed")]
)
def test_asks_nobody_where_there_is_no_need(policy: Policy, place: LibraryFolder) -> None:
    source = Knowing()
    if policy is OFF:
        install(place, "demo")
    look(place, source, policy)
    assert source.asked == []


def test_policy_excuses(place: LibraryFolder) -> None:
    install(place, "demo", files={"demo.pth": "import demo\n"})
    policy = Policy(exceptions=(make_exception(rule="startup-code", project="demo", version="==1.0"),))
    result = look(place, policy=policy)
    assert found(result) == []
    assert [finding.rule for finding in result.verdict.excused] == ["startup-code"]


def test_policy_excuses_a_file_of_nobody_by_its_hash(place: LibraryFolder) -> None:
    Path(place.library, "mine.pth").write_text("import os\n", encoding="utf-8")
    (finding,) = look(place).verdict.findings
    (known,) = finding.violation.hashes
    policy = Policy(exceptions=(make_exception(rule="startup-code", hash=known),))
    assert found(look(place, policy=policy)) == []


def notes(place: LibraryFolder) -> list[str]:
    return [note.replace(place.library, "<library>").replace(place.prefix, "<prefix>") for note in look(place).notes]


def test_says_what_has_no_record(place: LibraryFolder) -> None:
    for number in range(1, 8):
        install(place, f"bare{number}", record=None)
    assert notes(place) == [
        "7 distributions in <library> without RECORD cannot be verified: bare1, bare2, bare3, bare4, bare5, and 2 more."
    ]


def test_says_what_conda_has_installed(place: LibraryFolder) -> None:
    install(place, "demo", installer="conda")
    assert notes(place) == [
        "conda changes files as it installs, so the 1 distribution it brought to <library> cannot be verified."
    ]


def test_says_what_belongs_to_the_package_manager(tmp_path: Path) -> None:
    place = LibraryFolder(library=str(tmp_path / "lib/python3/dist-packages"), prefix=str(tmp_path))
    install(place, "demo", record=None)
    (note,) = notes(place)
    assert note == (
        "<library> belongs to the system's package manager, which can verify its 1 distribution (dpkg --verify);"
        " neither their files were compared, nor were advisories asked about them."
    )


@pytest.mark.parametrize(
    ("target", "said"), [pytest.param(False, 1, id="environment"), pytest.param(True, 0, id="target-folder")]
)
def test_says_that_pip_obeys_a_configuration_of_the_environment(target: bool, said: int, place: LibraryFolder) -> None:
    place = LibraryFolder(library=place.prefix, prefix=place.prefix) if target else place
    Path(place.prefix, "pip.conf").touch()
    assert (
        notes(place)
        == [
            "pip obeys <prefix>/pip.conf, which is not judged here: pip-guard guard config shows what it says.",
        ][:said]
    )
