"""Define how advisory sources are asked, and what they answer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from typing import NamedTuple, Protocol

from pip_guard.facts.resolution import Advisory
from pip_guard.frozen import frozen

# NOTE: every installation loads this, and named tuples take a tenth of the time of data classes to make.


class Release(NamedTuple):
    """One version of a project; the name is normalised, and the version has no local part."""

    project: str
    version: str

    def __str__(self) -> str:
        return f"{self.project} {self.version}"


class Known(NamedTuple):
    """An advisory about one release, as its source gave it; `detailed` if that is more than its id."""

    advisory: Advisory
    modified: str
    detailed: bool


Answers = Mapping[Release, tuple[Known, ...]]


@frozen
class CachedAnswers:
    """What a source answered before: what still counts, what is out of date, and the age of the oldest of that."""

    fresh: Answers
    stale: Answers
    age: timedelta | None


class UnansweredError(Exception):
    """Say why a source cannot be asked; `retry_after` is how many seconds it wants to be left alone."""

    def __init__(self, reason: str, *, retry_after: float = 0.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


class Transport(Protocol):
    """Send requests to the one service that it was made for; every method raises `UnansweredError`."""

    def post(self, url: str, body: bytes) -> bytes:
        """Send a JSON document, and return the body of the answer."""

    def get(self, url: str) -> bytes:
        """Return the body of a document."""


class AdvisorySource(Protocol):
    """Something that knows advisories: `name` is for people, `patience` how many seconds an answer may take."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def timeout(self) -> float | None:
        """How many seconds an answer may take, None for as long as it needs."""

    @property
    def age(self) -> timedelta | None:
        """How old the data of a local source is, once it was asked."""

    def remember(self, releases: Collection[Release]) -> CachedAnswers:
        """Return, at once, what it has said of releases before."""

    def ask(self, releases: Collection[Release], before: Answers, publish: Callable[[Answers], None]) -> None:
        """Answer about releases, given what it said of them before. Raises `UnansweredError`.

        `publish` is called with a whole answer, and again whenever there is a more detailed one. What is published counts
        even if the error, of a source that does not know all, comes after it.
        """
