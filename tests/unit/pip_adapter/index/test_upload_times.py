"""Test what is kept from pip for its age, and how old a file is is_chosen for."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from pip._internal.index.package_finder import LinkType
from pip._internal.models.link import Link

from pip_guard.pip_adapter.index.upload_times import UploadTimes
from pip_guard.policy.model import Policy, Releases, parse_locations
from tests.kit.index import LocalIndex
from tests.kit.simple_api import sha256
from tests.kit.wheels import make_wheel
from tests.unit.engine.factories import make_session
from tests.unit.factories import make_exception
from tests.unit.pip_adapter.guarded_pip import QUIET, TRY, GuardedPip

NAME = "demo-1.0-py3-none-any.whl"
NOW = datetime.now(timezone.utc)
OLD, YOUNG = NOW - timedelta(days=400), NOW - timedelta(hours=1)


def link(
    uploaded: datetime | None = None, *, page: str = "https://pypi.example/simple/demo/", name: str = NAME
) -> Link:
    return Link(f"https://files.example/{name}", comes_from=page, upload_time=uploaded)


def locked(claimed: datetime | None) -> Link:
    return link(claimed, page="pylock.toml")


# What has an address


@pytest.mark.parametrize(
    ("claimed", "listed", "uploaded"),
    [
        pytest.param(None, link(OLD), OLD, id="index-knows"),
        pytest.param(None, link(OLD.replace(tzinfo=None)), OLD, id="index-names-no-zone"),
        pytest.param(OLD, link(YOUNG), YOUNG, id="index-contradicts"),
        pytest.param(YOUNG, link(OLD), OLD, id="index-excuses"),
        pytest.param(OLD, None, None, id="claim-alone"),
        pytest.param(YOUNG, None, YOUNG, id="claim-against-the-file"),
        pytest.param(YOUNG.replace(tzinfo=None), None, YOUNG, id="claim-without-a-zone"),
        pytest.param(YOUNG, link(), YOUNG, id="claim-against-the-file-of-an-index-without-times"),
        pytest.param(None, None, None, id="nothing"),
    ],
)
def test_index_says_how_old_a_locked_file_is(
    claimed: datetime | None, listed: Link | None, uploaded: datetime | None
) -> None:
    assert UploadTimes(make_session()).uploaded(locked(claimed), listed) == uploaded


def test_index_says_whether_a_locked_file_is_yanked() -> None:
    wanted = locked(OLD)
    UploadTimes(make_session()).uploaded(wanted, Link(link().url, yanked_reason="broken"))
    assert wanted.yanked_reason == "broken"


def test_no_claim_of_a_lock_file_keeps_a_file_from_pip() -> None:
    def evaluate(evaluator: Any, link: Link) -> tuple[LinkType, str]:
        late = evaluator._uploaded_prior_to is not None
        return (LinkType.upload_too_late, "") if late else (LinkType.candidate, "1.0")

    wanted = locked(YOUNG)
    ages = UploadTimes(make_session())
    evaluator: Any = SimpleNamespace(_uploaded_prior_to=OLD, project_name="demo")
    ages.lock([wanted])
    assert ages.evaluate(evaluate, evaluator, wanted)[0] is LinkType.upload_too_late
    ages._cutoff = OLD
    assert ages.evaluate(evaluate, evaluator, wanted) == (LinkType.candidate, "1.0")
    assert evaluator._uploaded_prior_to == OLD
    assert ages.too_new == {}


@pytest.mark.parametrize("cutoff", [None, YOUNG])
def test_time_without_a_zone_is_one_in_utc(cutoff: datetime | None) -> None:
    ages = UploadTimes(make_session())
    ages._cutoff = cutoff
    naive = link(OLD.replace(tzinfo=None))
    evaluator: Any = SimpleNamespace(project_name="demo")
    assert ages.evaluate(lambda _, given: (LinkType.candidate, str(given.upload_time)), evaluator, naive) == (
        LinkType.candidate,
        str(OLD),
    )


@pytest.mark.parametrize(
    ("page", "exempt", "told"),
    [
        pytest.param("file:///mirror/demo/", (), ["file:///mirror/demo/"], id="index"),
        pytest.param("file:///mirror/demo/", ["file:///mirror/"], [], id="exempt-index"),
        pytest.param(None, (), [], id="folder"),
    ],
)
def test_page_of_this_machine_tells_no_times(page: str | None, exempt: list[str], told: list[str]) -> None:
    policy = Policy(releases=Releases(exempt_indexes=parse_locations(exempt)))
    ages = UploadTimes(make_session(policy))
    ages._cutoff = YOUNG
    found = (LinkType.candidate, "1.0")
    evaluator: Any = SimpleNamespace(project_name="demo")
    assert ages.evaluate(lambda *_: found, evaluator, Link(f"file:///mirror/demo/{NAME}", comes_from=page)) == found
    assert [facts.index for facts in ages.untimed()] == told


# What an index offers


def install(pip: GuardedPip, index: LocalIndex, *arguments: str) -> tuple[list[str], list[str]]:
    """Try to install demo; return the wheels that were chosen, and those that were too new."""
    code = pip.run(*TRY, index.url, *arguments, "demo")
    ((summary, _),) = pip.journal.ends
    assert code == (0 if summary.files else 1)
    return [file.filename for file in summary.files], [
        file.filename for file in pip.state.upload_times.too_new.get("demo", [])
    ]


def test_newest_file_that_is_old_enough_is_taken(pip: GuardedPip, local_index: LocalIndex) -> None:
    local_index.publish(make_wheel("demo", "1.0"), upload_time=OLD)
    local_index.publish(make_wheel("demo", "2.0"), upload_time=YOUNG)
    assert install(pip, local_index) == ([NAME], ["demo-2.0-py3-none-any.whl"])
    assert "uploaded-prior-to" in pip.enforced


DIGEST = f"sha256:{sha256(make_wheel('demo').content)}"


@pytest.mark.parametrize(
    ("exception", "hashes", "is_chosen"),
    [
        pytest.param({}, True, True, id="all"),
        pytest.param({"project": "demo", "version": "==1.0"}, True, True, id="version"),
        pytest.param({"project": "demo", "version": "==2.0"}, True, False, id="other-version"),
        pytest.param({"project": "demo", "hash": DIGEST}, True, True, id="hash"),
        pytest.param({"project": "demo", "hash": DIGEST}, False, False, id="hash-that-the-index-does-not-tell"),
        pytest.param({"project": "other"}, True, False, id="other-project"),
    ],
)
def test_young_file_is_taken_if_it_is_excused(
    pip: GuardedPip, local_index: LocalIndex, exception: dict[str, str], hashes: bool, is_chosen: bool
) -> None:
    pip.policy = Policy(severities=QUIET, exceptions=(make_exception(rule="recent-release", **exception),))
    local_index.publish(make_wheel("demo"), upload_time=YOUNG, hashes=hashes)
    assert install(pip, local_index) == (([NAME], []) if is_chosen else ([], [NAME]))


def test_young_file_of_an_exempt_index_is_taken(pip: GuardedPip, local_index: LocalIndex) -> None:
    pip.policy = Policy(severities=QUIET, releases=Releases(exempt_indexes=parse_locations([local_index.url])))
    local_index.publish(make_wheel("demo"), upload_time=YOUNG)
    assert install(pip, local_index) == ([NAME], [])


@pytest.mark.parametrize(
    ("date", "enforced", "chosen"),
    [
        pytest.param(OLD - timedelta(days=1), False, [], id="earlier"),
        pytest.param(OLD + timedelta(days=1), False, [NAME], id="between"),
        pytest.param(NOW, True, [NAME], id="later"),
    ],
)
def test_date_of_the_user_counts_if_it_asks_for_more(
    pip: GuardedPip, local_index: LocalIndex, date: datetime, enforced: bool, chosen: list[str]
) -> None:
    local_index.publish(make_wheel("demo"), upload_time=OLD)
    local_index.publish(make_wheel("demo", "2.0"), upload_time=YOUNG)
    found, young = install(pip, local_index, f"--uploaded-prior-to={date.isoformat()}")
    assert (found, "uploaded-prior-to" in pip.enforced) == (chosen, enforced)
    # what the user keeps from pip needs no explanation
    assert young == (["demo-2.0-py3-none-any.whl"] if enforced else [])


def test_user_who_names_a_date_gets_nothing_without_one(
    pip: GuardedPip, local_index: LocalIndex, capsys: pytest.CaptureFixture[str]
) -> None:
    local_index.html_only = True
    local_index.publish(make_wheel("demo"))
    assert install(pip, local_index, f"--uploaded-prior-to={NOW.isoformat()}") == ([], [])
    assert "does not provide upload-time metadata" in capsys.readouterr().err
