"""Look up a name among many names and patterns of names, without trying all of them."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

ValueT = TypeVar("ValueT")
WILDCARD = re.compile(r"[*?\[]")
Entry = tuple[str, str | None, ValueT]


class PatternIndex(Generic[ValueT]):
    """Ordered values, each of a group and for a normalised name, a pattern of names, or (None) anything.

    The index is built when it is first asked: most commands read a policy and ask nothing of it.
    """

    def __init__(self, entries: Iterable[Entry[ValueT]]) -> None:
        self._entries = entries
        self._groups: dict[str, _Group[ValueT]] | None = None

    def fitting(self, group: str, name: str | None) -> Iterator[ValueT]:
        """Return the values of a group that fit a name, in their order; without a name, those that need none."""
        if self._groups is None:
            self._groups = {}
            for position, (key, pattern, value) in enumerate(self._entries):
                if key not in self._groups:
                    self._groups[key] = _Group()
                self._groups[key].add(position, pattern, value)
        found = self._groups.get(group)
        return iter(()) if found is None else found.fitting(name)


class _Group(Generic[ValueT]):
    def __init__(self) -> None:
        self._always: list[tuple[int, ValueT]] = []
        self._names: dict[str, list[tuple[int, ValueT]]] = {}
        self._patterns: list[tuple[str, str, tuple[int, ValueT]]] = []

    def add(self, position: int, pattern: str | None, value: ValueT) -> None:
        entry = (position, value)
        if pattern is None:
            self._always.append(entry)
        elif wildcard := WILDCARD.search(pattern):
            self._patterns.append((pattern[: wildcard.start()], pattern, entry))
        else:
            self._names.setdefault(pattern, []).append(entry)

    def fitting(self, name: str | None) -> Iterator[ValueT]:
        found = list(self._always)
        if name is not None:
            found += self._names.get(name, ())
            # NOTE: fnmatch caches few compiled patterns; comparing the text before the first wildcard avoids most of them.
            found += [
                entry
                for start, pattern, entry in self._patterns
                if name.startswith(start) and fnmatch.fnmatchcase(name, pattern)
            ]
        return (value for _, value in sorted(found, key=lambda entry: entry[0]))
