"""Hide files from pip that are on another index than the one their project is pinned to."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from pip_guard.names.normalize import normalize_name
from pip_guard.pip_adapter.index.listings import index_of
from pip_guard.urls.compare import index_is_approved
from pip_guard.urls.redaction import redact

if TYPE_CHECKING:
    from pip._internal.index.package_finder import PackageFinder

    from pip_guard.engine.session import GuardSession

RULE = "wrong-index"


class IndexPins:
    """The files that pip does not see because the policy pins their project to another index.

    A page of find-links belongs to no index: the rule judges what pip takes from there.
    """

    def __init__(self, session: GuardSession) -> None:
        self._session = session
        self._finder: PackageFinder | None = None
        self._other_indexes: dict[tuple[str, str], str | None] = {}
        # The files that pip alone could have chosen: for each (normalised) project the versions, with the indexes that list them.
        self.left_aside: dict[str, dict[str, set[str]]] = {}

    def begin(self, finder: PackageFinder) -> None:
        """Set the indexes in use, once pip has read every file that can add one."""
        self._finder = finder

    @cached_property
    def are_set(self) -> bool:
        """Tell whether the policy pins any project; if not, none of the thousands of files on a page is looked at."""
        indexes = self._session.policy.indexes
        return bool(indexes.projects or any(indexes.restrictions))

    @property
    def indexes(self) -> list[str]:
        """The indexes in use."""
        return [] if self._finder is None else self._finder.index_urls

    def other_index(self, project: str, page: object) -> str | None:
        """Return the index of a page if it is not the one that the (normalised) project is pinned to."""
        if not isinstance(page, str):
            return None
        key = project, page
        if key not in self._other_indexes:
            self._other_indexes[key] = self._find_other_index(project, page)
        return self._other_indexes[key]

    def _find_other_index(self, project: str, page: str) -> str | None:
        pins = self._session.policy.indexes.pins(project)
        index = index_of(page, self.indexes) if pins else None
        if index is None or self._session.may_pass(RULE, project):
            return None
        shown = redact(index)
        return None if all(index_is_approved(shown, [pin]) for pin in pins) else shown

    def available(self, project: str) -> Iterator[str]:
        """Yield the versions of a (normalised) project that pip could choose."""
        found = {} if self._finder is None else self._finder._all_candidates
        for name, candidates in found.items():
            if normalize_name(name) == project:
                yield from (str(candidate.version) for candidate in candidates)

    def leave_aside(self, project: str, version: str, index: str) -> None:
        """Remember a file on another index that pip alone could have chosen."""
        self.left_aside.setdefault(project, {}).setdefault(version, set()).add(index)
