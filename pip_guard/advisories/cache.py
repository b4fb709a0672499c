"""Cache what a service answered about each release, to ask less often and to know something when it is unavailable."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Collection
from datetime import timedelta
from typing import NamedTuple

from pip_guard.advisories.interface import Answers, CachedAnswers, Known, Release, UnansweredError
from pip_guard.environment.files import PrivateCache
from pip_guard.facts.resolution import Advisory

# Seconds for which an answer is fresh. Malware is mostly reported within days of the release, so hours would be too long.
COUNTS_FOR = 60 * 60.0
# Seconds for which a stale answer is better than none.
KEPT_FOR = 30 * 24 * 60 * 60.0
# A few hundred bytes each.
MOST_FILES = 5000
# In seconds: no service can keep itself from being queried for longer than this.
LONGEST_PAUSE = 60 * 60.0
_FORMAT = 1
_PAUSE = "pause"
# The errors that reading a damaged file can raise.
_DAMAGE = (LookupError, RecursionError, TypeError, ValueError)


class _Entry(NamedTuple):
    time: float
    known: tuple[Known, ...]


class AnswerCache:
    """The answers of one service, one file per release."""

    def __init__(self, files: PrivateCache, service: str, *, clock: Callable[[], float] = time.time) -> None:
        self._files = files
        self._service = service
        self._clock = clock

    def remember(self, releases: Collection[Release]) -> CachedAnswers:
        """Return the cached answers about releases, fresh and stale."""
        now = self._clock()
        found = {release: entry for release in releases if (entry := self._read(release)) is not None}
        fresh = {release: entry.known for release, entry in found.items() if 0 <= now - entry.time < COUNTS_FOR}
        stale = {release: entry for release, entry in found.items() if release not in fresh}
        oldest = min((entry.time for entry in stale.values()), default=None)
        return CachedAnswers(
            fresh=fresh,
            stale={release: entry.known for release, entry in stale.items()},
            age=None if oldest is None else timedelta(seconds=max(0.0, now - oldest)),
        )

    def keep(self, answers: Answers) -> None:
        """Store answers that have just arrived."""
        now = self._clock()
        for release, known in answers.items():
            document = {"format": _FORMAT, "release": release, "time": now, "known": [_dump(one) for one in known]}
            self._files.write(self._name(*release), json.dumps(document).encode())
        self._files.prune(before=now - KEPT_FOR, limit=MOST_FILES)

    def pause(self, error: UnansweredError) -> None:
        """Record that the service asked for a pause."""
        until = self._clock() + min(error.retry_after, LONGEST_PAUSE)
        document = {"format": _FORMAT, "until": until, "reason": error.reason}
        self._files.write(self._name(_PAUSE), json.dumps(document).encode())

    def pausing(self) -> str | None:
        """Return why the service asked for a pause, if that has not ended."""
        content = self._files.read(self._name(_PAUSE))
        try:
            document = {} if content is None else json.loads(content)
            if not 0 < document["until"] - self._clock() <= LONGEST_PAUSE:
                return None
            return str(document["reason"])
        except _DAMAGE:
            return None

    def _read(self, release: Release) -> _Entry | None:
        content = self._files.read(self._name(*release))
        try:
            return None if content is None else _parse(content, release)
        except _DAMAGE:  # the next answer replaces it
            return None

    def _name(self, *key: str) -> str:
        return hashlib.sha256("\0".join((self._service, *key)).encode("utf-8", "surrogatepass")).hexdigest()[:40]


def _dump(known: Known) -> list[object]:
    advisory = known.advisory
    details = [advisory.id, advisory.malicious, advisory.summary, advisory.aliases, advisory.fixed]
    return [*details, known.modified, known.detailed]


def _parse(content: bytes, release: Release) -> _Entry:
    document = json.loads(content)
    if document["format"] != _FORMAT or document["release"] != list(release):
        raise ValueError("another release, or another format")
    return _Entry(time=float(document["time"]), known=tuple(_load(*known) for known in document["known"]))


def _load(
    identifier: str, malicious: bool, summary: str, aliases: list[str], fixed: list[str], modified: str, detailed: bool
) -> Known:
    # NOTE: the file may hold anything, so each value is converted to its type.
    advisory = Advisory(
        id=str(identifier),
        malicious=malicious is not False,
        summary=str(summary),
        aliases=tuple(map(str, aliases)),
        fixed=tuple(map(str, fixed)),
    )
    return Known(advisory, str(modified), detailed is True)
