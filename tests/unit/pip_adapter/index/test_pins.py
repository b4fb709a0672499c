"""Test what is left aside because its project is pinned to another index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pip_guard.facts.candidate import CandidateFacts, HiddenSdistFacts, OtherIndexFacts
from pip_guard.facts.resolution import NoUploadTimeFacts, StatusFacts
from pip_guard.facts.violation import Severity
from pip_guard.frozen import replace
from pip_guard.pip_adapter.index.pins import IndexPins
from pip_guard.pip_adapter.resolution.candidates import COMMAND_LINE
from pip_guard.policy.model import Indexes, Mode, Network, Policy, parse_locations
from tests.kit.index import LocalIndex
from tests.kit.simple_api import sha256
from tests.kit.sources import make_sdist
from tests.kit.wheels import make_wheel
from tests.unit.engine.factories import make_session
from tests.unit.factories import make_exception
from tests.unit.pip_adapter.guarded_pip import QUIET, TRY, GuardedPip

OWN, OTHER = "https://own.example/simple/", "https://pypi.example/simple/"
LEGACY = "--use-deprecated=legacy-resolver"


def pinned(pins: Mapping[str, str], **settings: Any) -> Policy:
    projects = dict(zip(pins, parse_locations(pins.values()), strict=True))
    return Policy(**{"indexes": Indexes(projects=projects), "severities": QUIET, **settings})


def make_pins(policy: Policy, *indexes: str) -> IndexPins:
    pins = IndexPins(make_session(policy))
    finder: Any = SimpleNamespace(index_urls=list(indexes or (OTHER, OWN)), _all_candidates={})
    pins.begin(finder)
    return pins


PINNED = pinned({"demo": OWN})


@pytest.mark.parametrize(
    ("policy", "page", "other"),
    [
        pytest.param(PINNED, f"{OTHER}demo/", OTHER, id="other-index"),
        pytest.param(PINNED, f"{OWN}demo/", None, id="own-index"),
        pytest.param(PINNED, "https://pages.example/links.html", None, id="find-links"),
        pytest.param(PINNED, None, None, id="folder"),
        pytest.param(PINNED, "pylock.toml", None, id="lock-file"),
        pytest.param(Policy(), f"{OTHER}demo/", None, id="no-pin"),
        pytest.param(pinned({"other": OWN}), f"{OTHER}demo/", None, id="another-project"),
        pytest.param(
            pinned({}, indexes=Indexes(restrictions=({"demo": parse_locations([OWN])[0]},))),
            f"{OTHER}demo/",
            OTHER,
            id="restriction",
        ),
        pytest.param(
            pinned({"demo": OWN}, severities={"wrong-index": Severity.WARNING}), f"{OTHER}demo/", None, id="warning"
        ),
        pytest.param(pinned({"demo": OWN}, mode=Mode.OBSERVE), f"{OTHER}demo/", None, id="observed"),
        pytest.param(
            pinned({"demo": OWN}, exceptions=(make_exception(rule="wrong-index", project="demo"),)),
            f"{OTHER}demo/",
            None,
            id="exception",
        ),
    ],
)
def test_finds_the_pages_whose_files_are_left_aside(policy: Policy, page: str | None, other: str | None) -> None:
    assert make_pins(policy).other_index("demo", page) == other


def test_no_password_is_shown() -> None:
    pins = make_pins(PINNED, "https://user:secret@pypi.example/simple/", "https://user:secret@own.example/simple/")
    assert pins.other_index("demo", f"{OWN}demo/") is None
    assert "secret" not in str(pins.other_index("demo", f"{OTHER}demo/"))


def test_before_pip_has_read_its_files_no_index_is_known() -> None:
    pins = IndexPins(make_session(policy=PINNED))
    assert pins.other_index("demo", f"{OTHER}demo/") is None
    assert list(pins.available("demo")) == []


# With pip


@pytest.fixture
def own_index(local_index: LocalIndex) -> LocalIndex:
    local_index.publish(make_wheel("demo", "1.0"))
    return local_index


@pytest.fixture
def other_index() -> Iterator[LocalIndex]:
    with LocalIndex(tls=False) as started:
        yield started


def run(pip: GuardedPip, own: LocalIndex, other: LocalIndex, *arguments: str, **settings: Any) -> list[str]:
    """Run pip with two indexes, where demo is pinned to one of them; return the addresses of what it takes."""
    pip.policy = pinned({"demo": own.url}, **{"network": Network(ahead=False), **settings})
    pip.run(*TRY, other.url, "--extra-index-url", own.url, *arguments)
    ((summary, _),) = pip.journal.ends
    return sorted(file.url for file in summary.files)


@pytest.mark.parametrize("ahead", [True, False])
@pytest.mark.parametrize("resolver", [(), (LEGACY,)])
@pytest.mark.parametrize("version", ["1.0", "9.0"])
def test_file_of_the_own_index_is_taken(
    pip: GuardedPip,
    own_index: LocalIndex,
    other_index: LocalIndex,
    tmp_path: Path,
    version: str,
    resolver: tuple[str, ...],
    ahead: bool,
) -> None:
    other_index.publish(make_wheel("demo", version, files={"other.py": ""}))
    other_index.publish(make_sdist("demo", "10.0", sentinel=tmp_path / "built"))
    files = run(pip, own_index, other_index, *resolver, "demo", network=Network(ahead=ahead))
    assert files == [f"{own_index.files_url}demo-1.0-py3-none-any.whl"]
    assert other_index.paths == ["/simple/demo/"]


def test_what_another_index_says_of_a_pinned_project_counts_for_nothing(
    pip: GuardedPip, own_index: LocalIndex, other_index: LocalIndex
) -> None:
    other_index.publish(make_wheel("demo", "0.1"), upload_time=None, project_status="quarantined")
    digest = sha256(make_wheel("demo").content)
    address = f"demo @ {own_index.files_url}demo-1.0-py3-none-any.whl#sha256={digest}"
    severities = {**QUIET, "yanked-release": Severity.ERROR}
    assert run(pip, own_index, other_index, address, severities=severities) != []
    assert pip.facts(StatusFacts) == []
    assert pip.facts(NoUploadTimeFacts) == []


def explained(pip: GuardedPip, *, requirement: str, own: LocalIndex, other: LocalIndex) -> OtherIndexFacts:
    return OtherIndexFacts(
        requirement=requirement,
        project="demo",
        origin=COMMAND_LINE,
        indexes=frozenset({other.url}),
        asked=frozenset({own.url, other.url}),
    )


@pytest.mark.parametrize(
    ("requirement", "is_explained"), [("demo==9.0", True), ("demo>=2", True), ("demo==8.0", False), ("demo<1", False)]
)
def test_requirement_that_only_another_index_satisfies_is_explained(
    pip: GuardedPip, own_index: LocalIndex, other_index: LocalIndex, requirement: str, is_explained: bool
) -> None:
    other_index.publish(make_wheel("demo", "9.0"))
    other_index.publish(make_wheel("demo", "0.9"), requires_python=">=9")
    own_index.publish(make_wheel("part", requires=[requirement]))
    assert run(pip, own_index, other_index, "part", requirement) == []
    expected = explained(pip, requirement=requirement, own=own_index, other=other_index)
    assert pip.facts(OtherIndexFacts)[:1] == ([expected] if is_explained else [])


def test_index_that_did_not_answer_is_named(pip: GuardedPip, own_index: LocalIndex, other_index: LocalIndex) -> None:
    other_index.publish(make_wheel("demo", "9.0"))
    own_index.page("/simple/demo/", "", status=403)
    assert run(pip, own_index, other_index, "demo") == []
    expected = explained(pip, requirement="demo", own=own_index, other=other_index)
    assert pip.facts(OtherIndexFacts) == [replace(expected, silent_indexes=frozenset({own_index.url}))]


def test_pin_is_not_blamed_for_another_conflict(
    pip: GuardedPip, own_index: LocalIndex, other_index: LocalIndex
) -> None:
    own_index.publish(make_wheel("demo", "2.0", requires=["demo-part==3"]))
    other_index.publish(make_wheel("demo", "2.0"))
    assert run(pip, own_index, other_index, "demo==2.0") == []
    assert pip.facts(OtherIndexFacts) == []


def test_what_was_hidden_on_the_own_index_is_explained_first(
    pip: GuardedPip, local_index: LocalIndex, other_index: LocalIndex, tmp_path: Path
) -> None:
    local_index.publish(make_sdist("demo", "1.0", sentinel=tmp_path / "built"))
    other_index.publish(make_wheel("demo", "9.0"))
    assert run(pip, local_index, other_index, "demo") == []
    assert [facts.files for facts in pip.facts(HiddenSdistFacts)] == [("demo-1.0.tar.gz",)]
    assert pip.facts(OtherIndexFacts) == []


def test_file_by_its_address_is_judged(pip: GuardedPip, own_index: LocalIndex, other_index: LocalIndex) -> None:
    url = other_index.publish(make_wheel("demo", "9.0"))
    assert run(pip, own_index, other_index, f"demo @ {url}") == [url]
    assert [facts.direct for facts in pip.facts(CandidateFacts)] == [True, True]
