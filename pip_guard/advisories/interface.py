"""Define what advisory sources are asked, and what they answer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from typing import NamedTuple, Protocol

from pip_guard.facts.resolution import Advisory
from pip_guard.frozen import frozen

# NOTE: every installation loads this, and a named tuple takes a tenth of the time of a data class to define.


class Release(NamedTuple):
    """One version of a project; the name is normalised, and the version has no local part."""

    project: str
    version: str

    def __str__(self) -> str:
        return f"{self.project} {self.version}"


class Known(NamedTuple):
    """An advisory about one release; `detailed` if the source has given more than its id."""

    advisory: Advisory
    modified: str
    detailed: bool


Answers = Mapping[Release, tuple[Known, ...]]


@frozen
class CachedAnswers:
    """What a source answered before: fresh answers, stale ones, and the age of the oldest stale one."""

    fresh: Answers
    stale: Answers
    age: timedelta | None


class UnansweredError(Exception):
    """Say why a source gives no answer; `retry_after` is the pause that it asks for, in seconds."""

    def __init__(self, reason: str, *, retry_after: float = 0.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


class Transport(Protocol):
    """Send requests to the one service that it was made for; all methods raise `UnansweredError`."""

    def post(self, url: str, body: bytes) -> bytes:
        """Send a JSON document, and return the body of the response."""

    def get(self, url: str) -> bytes:
        """Return the body of a document."""


class AdvisorySource(Protocol):
    """A source of advisories."""

    @property
    def name(self) -> str:
        """The path or URL, for messages."""

    @property
    def timeout(self) -> float | None:
        """How many seconds an answer may take, or None for no limit."""

    @property
    def age(self) -> timedelta | None:
        """How old the data of a local source is, known once it was asked."""

    def remember(self, releases: Collection[Release]) -> CachedAnswers:
        """Return what is cached about releases, without asking."""

    def ask(self, releases: Collection[Release], before: Answers, publish: Callable[[Answers], None]) -> None:
        """Ask about releases, given the answers `before`. Raises `UnansweredError`.

        `publish` is called with a complete answer, and again with each more detailed one. What was published counts even if an
        error follows, from a source that knows it is incomplete.
        """
