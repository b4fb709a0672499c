"""Test when a service is asked, and what is kept of its answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from pip_guard.advisories.cache import COUNTS_FOR, AnswerCache
from pip_guard.advisories.interface import Answers, UnansweredError
from pip_guard.advisories.service import TIMEOUT, Service
from pip_guard.environment.files import PrivateCache
from tests.kit.osv import make_record
from tests.unit.advisories.factories import DEMO, OTHER, Clock, Replies, batch, known

URL = "https://advisories.example"
TIME = "2026-01-01T00:00:00Z"
BUSY = UnansweredError("it answered 429", retry_after=120)


class Asked:
    """A service, what it has published, and the clock that what it keeps goes by."""

    def __init__(self, folder: Path, replies: Replies, *, respects_pauses: bool = True) -> None:
        self.clock = Clock()
        self.timer = Clock(0.0)
        kept = AnswerCache(PrivateCache(str(folder)), URL, clock=self.clock)
        self.service = Service(URL, lambda: replies, kept, respects_pauses=respects_pauses, clock=self.timer)
        self.published: list[Answers] = []

    def ask(self) -> None:
        memory = self.service.remember([DEMO, OTHER])
        self.service.ask([DEMO, OTHER], memory.stale, self.published.append)


def test_answers_are_published_and_kept(tmp_path: Path) -> None:
    asked = Asked(tmp_path / "kept", Replies(batch(None, None)))
    asked.ask()
    answers: Answers = {DEMO: (), OTHER: ()}
    assert asked.published == [answers]
    assert asked.service.remember([DEMO, OTHER]).fresh == answers
    assert (asked.service.name, asked.service.timeout, asked.service.age) == (URL, TIMEOUT, None)


def test_details_are_published_after_the_ids(tmp_path: Path) -> None:
    replies = Replies(
        batch({"GHSA-1": TIME}, None), gets={f"{URL}/v1/vulns/GHSA-1": make_record("GHSA-1", summary="bug")}
    )
    asked = Asked(tmp_path / "kept", replies)
    asked.ask()
    detailed = {DEMO: (known("GHSA-1", summary="bug"),), OTHER: ()}
    assert asked.published == [{DEMO: (known("GHSA-1", detailed=False),), OTHER: ()}, detailed]
    assert asked.service.remember([DEMO, OTHER]).fresh == detailed


def test_details_are_asked_for_again_only_if_they_changed(tmp_path: Path) -> None:
    record = make_record("GHSA-1", summary="bug")
    replies = Replies(*[batch({"GHSA-1": TIME}, None)] * 2, gets={f"{URL}/v1/vulns/GHSA-1": record})
    asked = Asked(tmp_path / "kept", replies)
    asked.ask()
    asked.clock.now += COUNTS_FOR
    asked.ask()
    assert [url.rpartition("/")[2] for url, _ in replies.asked] == ["querybatch", "GHSA-1", "querybatch"]


def test_details_are_not_asked_for_when_the_time_is_up(tmp_path: Path) -> None:
    asked = Asked(tmp_path / "kept", Replies())
    replies = Replies(batch({"GHSA-1": TIME}, None))

    def slow() -> Replies:
        asked.timer.now += TIMEOUT
        return replies

    asked.service._make_transport = slow
    asked.ask()
    assert len(replies.asked) == 1
    assert asked.service.remember([DEMO]).fresh == {DEMO: (known("GHSA-1", detailed=False),)}


def test_service_that_is_too_busy_is_left_alone(tmp_path: Path) -> None:
    replies = Replies(BUSY, batch(None, None))
    asked = Asked(tmp_path / "kept", replies)
    with pytest.raises(UnansweredError, match=r"^it answered 429$"):
        asked.ask()
    with pytest.raises(UnansweredError, match=r"^it answered 429, and asked for a pause$"):
        asked.ask()
    assert len(replies.asked) == 1
    asked.clock.now += 120
    asked.ask()
    assert asked.published == [{DEMO: (), OTHER: ()}]


def test_who_needs_an_answer_asks_again(tmp_path: Path) -> None:
    replies = Replies(BUSY, batch(None, None))
    asked = Asked(tmp_path / "kept", replies, respects_pauses=False)
    with pytest.raises(UnansweredError):
        asked.ask()
    asked.ask()
    assert asked.published == [{DEMO: (), OTHER: ()}]


def test_other_failures_lead_to_no_pause(tmp_path: Path) -> None:
    asked = Asked(tmp_path / "kept", Replies(UnansweredError("it answered 500"), batch(None, None)))
    with pytest.raises(UnansweredError):
        asked.ask()
    asked.ask()
    assert asked.published == [{DEMO: (), OTHER: ()}]
