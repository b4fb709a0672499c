"""Make what the tests of advisories need: a source and a transport that do as they are told, and folders."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from typing import Any

from pip_guard.advisories.interface import Answers, CachedAnswers, Known, Release, UnansweredError
from pip_guard.facts.resolution import Advisory

DEMO = Release("demo", "1.0")
OTHER = Release("other", "2.0")
NO_MEMORY = CachedAnswers(fresh={}, stale={}, age=None)


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self, now: float = 1_790_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Replies:
    """A transport that gives prepared answers, and keeps what it was asked."""

    def __init__(self, *posts: object, gets: Mapping[str, object] | None = None) -> None:
        self.posts = list(posts)
        self.gets = gets or {}
        self.asked: list[tuple[str, Any]] = []

    def post(self, url: str, body: bytes) -> bytes:
        self.asked.append((url, json.loads(body)))
        return self._reply(self.posts.pop(0))

    def get(self, url: str) -> bytes:
        self.asked.append((url, None))
        return self._reply(self.gets.get(url, UnansweredError("it answered 404")))

    @staticmethod
    def _reply(reply: object) -> bytes:
        if isinstance(reply, UnansweredError):
            raise reply
        return reply if isinstance(reply, bytes) else json.dumps(reply).encode()


class StubSource:
    """A source with a memory; `ask` does whatever it is given."""

    def __init__(
        self,
        ask: Callable[[Callable[[Answers], None]], None] = lambda publish: None,
        *,
        memory: CachedAnswers = NO_MEMORY,
        timeout: float | None = 30.0,
        age: timedelta | None = None,
    ) -> None:
        self.name = "https://advisories.example"
        self.timeout = timeout
        self.age = age
        self.asked: list[Release] = []
        self._ask = ask
        self._memory = memory

    def remember(self, releases: Collection[Release]) -> CachedAnswers:
        return self._memory

    def ask(self, releases: Collection[Release], before: Answers, publish: Callable[[Answers], None]) -> None:
        self.asked.extend(releases)
        self._ask(publish)


def known(identifier: str, *, modified: str = "2026-01-01T00:00:00Z", detailed: bool = True, **fields: Any) -> Known:
    return Known(make_advisory(identifier, **fields), modified, detailed)


def make_advisory(identifier: str, **fields: Any) -> Advisory:
    return Advisory(**{"id": identifier, "malicious": identifier.startswith("MAL-"), **fields})


def batch(*results: Mapping[str, str] | None) -> object:
    """Make an answer of the API: for each release the ids of records, with their times."""
    return {
        "results": [
            {"vulns": [{"id": name, "modified": time} for name, time in ids.items()]} if ids else {} for ids in results
        ]
    }
