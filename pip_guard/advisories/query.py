"""Ask a source about all that a command is about to take, while pip goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from pip_guard.advisories.interface import AdvisorySource, Answers, Release, UnansweredError
from pip_guard.facts.origin import Origin
from pip_guard.facts.resolution import Advisory, AdvisoryFacts, ExportFacts, SourceFailedFacts
from pip_guard.frozen import replace

# Of several names of one advisory, people see that of the first of these databases.
_DATABASES = ("MAL-", "PYSEC-", "GHSA-", "CVE-")


class QueriedRelease(NamedTuple):
    """What is about to be taken, where that was asked for, and the hash that pip holds its file to."""

    project: str
    version: str
    origin: Origin
    hashes: frozenset[str] = frozenset()

    @property
    def release(self) -> Release:
        """The release that this is, or is a build of: a local version is known to nobody else."""
        return Release(self.project, self.version.partition("+")[0])


class AdvisoryQuery:
    """One question to a source, asked in a thread of its own unless the answer is known; start it, then collect.

    NOTE: the thread touches nothing but the source, and leaves what it learned where `collect` finds it.
    """

    def __init__(
        self, subjects: Iterable[QueriedRelease], source: AdvisorySource, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._subjects = {subject.release: subject for subject in subjects}
        self._source = source
        self._clock = clock
        self._memory = source.remember(self._subjects)
        self._answers: Answers | None = None
        self._failure: BaseException | None = None
        self._started = clock()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to ask about what is not known yet."""
        left = [release for release in self._subjects if release not in self._memory.fresh]
        if left:
            self._started = self._clock()
            self._thread = threading.Thread(target=self._ask, args=(left,), name="advisories", daemon=True)
            self._thread.start()

    def collect(self) -> tuple[AdvisoryFacts | SourceFailedFacts | ExportFacts, ...]:
        """Wait for the answer, for as long as the source may take, and return it."""
        problem = self._wait()
        answers = {**self._memory.stale, **self._memory.fresh, **(self._answers or {})}
        facts = tuple(self._describe(answers))
        age = self._source.age
        if problem is not None:
            left = tuple(str(release) for release in self._subjects if release not in self._memory.fresh)
            source = self._source.name
            unanswered = SourceFailedFacts(source=source, reason=problem, releases=left, kept=self._memory.age)
            return (*facts, unanswered)
        return facts if age is None else (*facts, ExportFacts(source=self._source.name, age=age))

    def _ask(self, releases: list[Release]) -> None:
        try:
            self._source.ask(releases, self._memory.stale, self._publish)
        except BaseException as error:  # noqa: BLE001 -- not handled here: `collect` raises it where pip runs
            self._failure = error

    def _publish(self, answers: Answers) -> None:
        self._answers = answers

    def _wait(self) -> str | None:
        """Wait for the thread; return why there is no answer, if there is none."""
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
                subject = self._subjects[release]
                yield AdvisoryFacts(
                    project=subject.project,
                    version=subject.version,
                    origin=subject.origin,
                    advisories=merge_aliases(one.advisory for one in known),
                    hashes=subject.hashes,
                )


def merge_aliases(advisories: Iterable[Advisory]) -> tuple[Advisory, ...]:
    """Make one of all advisories that call each other aliases, directly or through others."""
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
