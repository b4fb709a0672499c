"""Look up advisories in a local export, which is indexed once, and again whenever it changes."""

from __future__ import annotations

import hashlib
import mmap
import os
import time
from collections.abc import Callable, Collection
from datetime import datetime, timedelta, timezone

from pip_guard.advisories.export import fingerprint, read_export
from pip_guard.advisories.export_index import ExportIndex, build_index, open_index
from pip_guard.advisories.interface import Answers, CachedAnswers, Known, Release, UnansweredError
from pip_guard.advisories.matching import describe, is_affected
from pip_guard.advisories.records import InvalidRecordError
from pip_guard.environment.files import PrivateCache


class LocalExport:
    """An export at a path; no answer is cached, since each takes no longer than a few look-ups in files."""

    # Indexing takes seconds, once, and does not depend on the network.
    timeout: float | None = None

    def __init__(self, path: str, files: PrivateCache, *, clock: Callable[[], float] = time.time) -> None:
        self.name = path
        self.age: timedelta | None = None
        self._files = files
        self._clock = clock

    def remember(self, releases: Collection[Release]) -> CachedAnswers:
        """Return nothing: the export itself is at hand."""
        return CachedAnswers(fresh={}, stale={}, age=None)

    def ask(self, releases: Collection[Release], before: Answers, publish: Callable[[Answers], None]) -> None:
        """Look up the records about releases. Raises `UnansweredError`."""
        state = fingerprint(self.name)
        index = self._open(state)
        try:
            answers = _find(index, releases) if index is not None else None
        except InvalidRecordError:
            answers = None
        if index is None or answers is None:
            index = self._build(state)
            answers = _find(index, releases)
        if not index.newest:
            raise UnansweredError(index.damage or "it has no record about PyPI")
        self.age = timedelta(seconds=self._clock() - _seconds(index.newest))
        publish(answers)
        if index.damage:
            raise UnansweredError(index.damage)

    def _open(self, state: str) -> ExportIndex | None:
        """Return the cached index, unless the export has changed since."""
        path = self._files.find(self._index_name)
        try:
            if path is None:
                return None
            with open(path, "rb") as file:
                index = open_index(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        except (OSError, ValueError):
            return None
        return index if index.fingerprint == state else None

    def _build(self, state: str) -> ExportIndex:
        damage: list[str] = []
        content = build_index(read_export(self.name, damage), state, damage)
        self._files.write(self._index_name, content)
        return open_index(content)

    @property
    def _index_name(self) -> str:
        return f"index-{hashlib.sha256(os.fsencode(self.name)).hexdigest()[:40]}"


def _find(index: ExportIndex, releases: Collection[Release]) -> Answers:
    return {
        release: tuple(
            Known(describe(record, release), record.modified, detailed=True)
            for record in index.find(release.project)
            if is_affected(release.version, record.affected[release.project])
        )
        for release in releases
    }


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment[: len("2026-01-01T00:00:00")]).replace(tzinfo=timezone.utc).timestamp()
