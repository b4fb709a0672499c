"""Ask a source about everything that a command is about to install, in a thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from pip_guard.advisories.interface import AdvisorySource, Answers, Release, UnansweredError
from pip_guard.facts.origin import Origin
from pip_guard.facts.resolution import Advisory, AdvisoryFacts, ExportFacts, SourceFailedFacts
from pip_guard.frozen import replace

# Of the aliases of an advisory, the one shown is that of the first of these databases.
_DATABASES = ("MAL-", "PYSEC-", "GHSA-", "CVE-")


class QueriedRelease(NamedTuple):
    """A release that pip has chosen, where it was asked for, and the hashes that pip checks its file against."""

    project: str
    version: str
    origin: Origin
    hashes: frozenset[str] = frozenset()

    @property
    def release(self) -> Release:
        """The public release: nobody else knows a local version."""
        return Release(self.project, self.version.partition("+")[0])


class AdvisoryQuery:
    """One query of a source, in its own thread unless everything is cached: call `start`, later `collect`.

    NOTE: the thread uses nothing but the source, and leaves what it learned for `collect`.
    """

    def __init__(
        self, queried: Iterable[QueriedRelease], source: AdvisorySource, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._queried = {each.release: each for each in queried}
        self._source = source
        self._clock = clock
        self._cached = source.remember(self._queried)
        self._answers: Answers | None = None
        self._failure: BaseException | None = None
        self._started = clock()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start to ask about releases that have no fresh answer."""
        left = [release for release in self._queried if release not in self._cached.fresh]
        if left:
            self._started = self._clock()
            self._thread = threading.Thread(target=self._ask, args=(left,), name="advisories", daemon=True)
            self._thread.start()

    def collect(self) -> tuple[AdvisoryFacts | SourceFailedFacts | ExportFacts, ...]:
        """Wait for the answer, no longer than the source's timeout, and return it."""
        problem = self._wait()
        answers = {**self._cached.stale, **self._cached.fresh, **(self._answers or {})}
        facts = tuple(self._describe(answers))
        age = self._source.age
        if problem is not None:
            left = tuple(str(release) for release in self._queried if release not in self._cached.fresh)
            source = self._source.name
            unanswered = SourceFailedFacts(source=source, reason=problem, releases=left, kept=self._cached.age)
            return (*facts, unanswered)
        return facts if age is None else (*facts, ExportFacts(source=self._source.name, age=age))

    def _ask(self, releases: list[Release]) -> None:
        try:
            self._source.ask(releases, self._cached.stale, self._publish)
        except BaseException as error:  # noqa: BLE001 -- `collect` raises it in the main thread
            self._failure = error

    def _publish(self, answers: Answers) -> None:
        self._answers = answers

    def _wait(self) -> str | None:
        """Wait for the thread; return why there is no complete answer, if there is none."""
        if self._thread is None:
            return None
        timeout = self._source.timeout
        left = None if timeout is None else max(0.0, self._started + timeout - self._clock())
        self._thread.join(left)
        failure = self._failure
        if failure is not None and not isinstance(failure, UnansweredError):
            raise failure
        if failure is not None:
            return failure.reason
        return None if self._answers is not None else f"it did not answer within {timeout:.0f} seconds"

    def _describe(self, answers: Answers) -> Iterator[AdvisoryFacts]:
        for release, known in answers.items():
            if known:
                queried = self._queried[release]
                yield AdvisoryFacts(
                    project=queried.project,
                    version=queried.version,
                    origin=queried.origin,
                    advisories=merge_aliases(one.advisory for one in known),
                    hashes=queried.hashes,
                )


def merge_aliases(advisories: Iterable[Advisory]) -> tuple[Advisory, ...]:
    """Merge advisories that are aliases of each other, directly or through others."""
    groups: dict[str, list[Advisory]] = {}
    for advisory in advisories:
        names = (advisory.id, *advisory.aliases)
        related = {id(group): group for name in names if (group := groups.get(name)) is not None}
        merged = [*(one for group in related.values() for one in group), advisory]
        for one in merged:
            groups.update(dict.fromkeys((one.id, *one.aliases), merged))
    distinct = {id(group): group for group in groups.values()}
    return tuple(sorted(map(_merge, distinct.values()), key=lambda advisory: _rank(advisory.id)))


def _merge(group: list[Advisory]) -> Advisory:
    group = sorted(group, key=lambda advisory: _rank(advisory.id))
    names = {name for advisory in group for name in (advisory.id, *advisory.aliases)}
    first = group[0]
    return replace(
        first,
        malicious=any(advisory.malicious for advisory in group),
        summary=next((advisory.summary for advisory in group if advisory.summary), ""),
        aliases=tuple(sorted(names - {first.id}, key=_rank)),
        fixed=next((advisory.fixed for advisory in group if advisory.fixed), ()),
    )


def _rank(identifier: str) -> tuple[int, str]:
    places = [place for place, prefix in enumerate(_DATABASES) if identifier.startswith(prefix)]
    return (places[0] if places else len(_DATABASES), identifier)
