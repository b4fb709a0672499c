"""Test how long answers count, and that damage does no harm."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from pip_guard.advisories.cache import COUNTS_FOR, KEPT_FOR, LONGEST_PAUSE, AnswerCache
from pip_guard.advisories.interface import CachedAnswers, UnansweredError
from pip_guard.environment.files import PrivateCache
from tests.unit.advisories.factories import DEMO, NO_MEMORY, OTHER, Clock, known

SERVICE = "https://advisories.example"
FOUND = (known("MAL-1"), known("GHSA-1", summary="a bug", aliases=("CVE-1",), fixed=("1.1", "2.0"), detailed=False))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kept(tmp_path: Path, clock: Clock) -> AnswerCache:
    return AnswerCache(PrivateCache(str(tmp_path / "kept")), SERVICE, clock=clock)


def only_file(tmp_path: Path) -> Path:
    (path,) = (tmp_path / "kept").iterdir()
    return path


def test_remembers_what_counts_still(kept: AnswerCache, clock: Clock) -> None:
    kept.keep({DEMO: FOUND, OTHER: ()})
    clock.now += COUNTS_FOR - 1
    assert kept.remember([DEMO, OTHER]) == CachedAnswers(fresh={DEMO: FOUND, OTHER: ()}, stale={}, age=None)
    assert kept.remember([]) == NO_MEMORY


def test_remembers_what_is_out_of_date_with_its_age(kept: AnswerCache, clock: Clock) -> None:
    kept.keep({DEMO: FOUND})
    clock.now += COUNTS_FOR
    kept.keep({OTHER: ()})
    clock.now += 60
    age = timedelta(seconds=COUNTS_FOR + 60)
    assert kept.remember([DEMO, OTHER]) == CachedAnswers(fresh={OTHER: ()}, stale={DEMO: FOUND}, age=age)


def test_answer_from_the_future_does_not_count(kept: AnswerCache, clock: Clock) -> None:
    kept.keep({DEMO: ()})
    clock.now -= 1
    assert kept.remember([DEMO]) == CachedAnswers(fresh={}, stale={DEMO: ()}, age=timedelta())


def test_newer_answer_takes_the_place_of_the_older(kept: AnswerCache, clock: Clock) -> None:
    kept.keep({DEMO: FOUND})
    kept.keep({DEMO: ()})
    assert kept.remember([DEMO]).fresh == {DEMO: ()}


def test_every_service_has_its_own_answers(kept: AnswerCache, clock: Clock, tmp_path: Path) -> None:
    kept.keep({DEMO: FOUND})
    other = AnswerCache(PrivateCache(str(tmp_path / "kept")), "https://mirror.example", clock=clock)
    assert other.remember([DEMO]) == NO_MEMORY


def test_old_answers_go_when_there_are_too_many(
    kept: AnswerCache, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pip_guard.advisories.cache.MOST_FILES", 1)
    clock.now = 4e9  # later than the time stamps of the files
    kept.keep({DEMO: ()})
    clock.now = only_file(tmp_path).stat().st_mtime + KEPT_FOR - 10
    kept.keep({OTHER: ()})
    assert len(list((tmp_path / "kept").iterdir())) == 2
    clock.now += 1000
    kept.keep({})
    assert list((tmp_path / "kept").iterdir()) == []


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{", id="half"),
        pytest.param(b"\xff", id="no-text"),
        pytest.param(b"[" * 100_000, id="too-deep"),
        pytest.param(b"null", id="null"),
        pytest.param({"format": 0}, id="other-format"),
        pytest.param({"release": ["demo", "2.0"]}, id="other-release"),
        pytest.param({"release": None}, id="no-release"),
        pytest.param({"time": "noon"}, id="no-time"),
        pytest.param({"time": None}, id="null-as-time"),
        pytest.param({"known": 5}, id="number-as-list"),
        pytest.param({"known": [[]]}, id="no-fields"),
        pytest.param({"known": [["GHSA-1", False, "", None, [], "", True]]}, id="no-list-of-aliases"),
    ],
)
def test_damaged_file_is_none(kept: AnswerCache, tmp_path: Path, damage: bytes | dict[str, object]) -> None:
    kept.keep({DEMO: FOUND})
    path = only_file(tmp_path)
    content = path.read_bytes()
    path.write_bytes(damage if isinstance(damage, bytes) else json.dumps({**json.loads(content), **damage}).encode())
    assert kept.remember([DEMO]) == NO_MEMORY


def test_damaged_fields_are_of_their_types_and_malware_stays_malware(kept: AnswerCache, tmp_path: Path) -> None:
    kept.keep({DEMO: FOUND})
    path = only_file(tmp_path)
    document = json.loads(path.read_bytes())
    document["known"] = [[5, "no", None, [1], [2], 3, "yes"]]
    path.write_text(json.dumps(document))
    expected = known("5", modified="3", detailed=False, malicious=True, summary="None", aliases=("1",), fixed=("2",))
    assert kept.remember([DEMO]).fresh == {DEMO: (expected,)}


def test_service_is_left_alone_for_as_long_as_it_wants(kept: AnswerCache, clock: Clock) -> None:
    assert kept.pausing() is None
    kept.pause(UnansweredError("it answered 429", retry_after=120))
    assert kept.pausing() == "it answered 429"
    clock.now += 119
    assert kept.pausing() == "it answered 429"
    clock.now += 1
    assert kept.pausing() is None


def test_no_service_is_left_alone_for_long(kept: AnswerCache, clock: Clock) -> None:
    kept.pause(UnansweredError("it answered 503", retry_after=1e9))
    clock.now += LONGEST_PAUSE
    assert kept.pausing() is None
    clock.now -= LONGEST_PAUSE + 1  # nor by a clock that was wrong
    assert kept.pausing() is None


@pytest.mark.parametrize("damage", [b"", b"null", b"{}", b'{"until": "noon", "reason": ""}'])
def test_damaged_pause_is_none(kept: AnswerCache, tmp_path: Path, damage: bytes) -> None:
    kept.pause(UnansweredError("it answered 429", retry_after=120))
    only_file(tmp_path).write_bytes(damage)
    assert kept.pausing() is None
