"""Test which releases are named as held back by the minimum age."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from pip_guard.engine.summary import HeldBackRelease
from pip_guard.pip_adapter.index import upload_times
from pip_guard.policy.model import Policy, Releases
from tests.kit.index import LocalIndex
from tests.kit.sources import Sdist
from tests.kit.wheels import make_wheel
from tests.unit.pip_adapter.guarded_pip import QUIET, TRY, GuardedPip

NOW = datetime(2026, 5, 1, tzinfo=timezone.utc)
AGE = timedelta(days=30)
UPLOADED = NOW - timedelta(days=1)
HELD_BACK = HeldBackRelease(project="demo", version="2.0", until=UPLOADED + AGE, minimum_age=AGE)
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
            [HeldBackRelease(project="demo", version="1.5", until=NOW - timedelta(hours=30) + AGE, minimum_age=AGE)],
            id="some-versions",
        ),
        pytest.param(["demo==1.0"], [], id="one-version"),
        pytest.param(["demo", "narrow"], [], id="excluded-by-another"),
        pytest.param(["demo", "--constraint=constraints.txt"], [], id="constraint"),
        pytest.param([LEGACY, "demo"], [], id="legacy-resolver"),
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


def test_file_that_was_asked_for_by_its_address_holds_nothing_back(pip: GuardedPip, index: LocalIndex) -> None:
    url = f"{index.files_url}demo-1.0-py3-none-any.whl"
    assert pip.run(*TRY, index.url, url) == 0
    assert pip.report.held_back == []


def test_source_distribution_is_not_held_back_by_its_age(pip: GuardedPip, local_index: LocalIndex) -> None:
    local_index.publish(make_wheel("demo", "1.0"))
    sdist = Sdist(name="demo", version="2.0", filename="demo-2.0.tar.gz", content=b"", metadata=b"")
    local_index.publish(sdist, upload_time=UPLOADED)
    assert pip.run(*TRY, local_index.url, "demo") == 0
    assert pip.report.held_back == []
