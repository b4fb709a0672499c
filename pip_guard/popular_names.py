"""Look up the names of popular projects, and those that are spelled much like a given one."""

from __future__ import annotations

import os
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

POPULAR = "012345678"
"""Marks of popular projects: `0` is one of the 50 most downloaded, and each further mark goes down twice as far."""

KNOWN = "~"
"""The mark of a project that was popular before, or that others package: no target, and never an alarm."""

SLIP = "?"
"""The mark of a name that is popular because people mistype a far more popular one."""

_FILE = os.path.join(os.path.dirname(__file__), "data", "popular.txt")
_LINE = re.compile(rb"\n([a-z0-9-]{4,}) ([0-8])")
_LONGER_THAN_ANY = b"\x7f"


@dataclass(frozen=True, kw_only=True, slots=True)
class PopularNames:
    """Names and their marks, in the form in which they are searched fastest: one text of sorted lines.

    A set of so many names would take ten times as long to make as the whole text takes to search.
    """

    lines: bytes
    """A newline, then for each name, in order: the name, a space, its mark, a newline."""

    def mark(self, name: str) -> str | None:
        """Return the mark of a name, or None if it is not listed."""
        line = b"%b " % name.encode()
        at = self._first(line)
        return chr(self.lines[at + len(line)]) if self.lines.startswith(line, at) else None

    def near(self, name: str, *, reach: int) -> Iterator[tuple[str, str]]:
        """Yield popular names, with their marks, that may be within so many (1 or 2) edits of a name.

        Of three parts of a name, one edit leaves two alone or, when it swaps letters across a border, one; and so do two
        edits. What is yielded shares its first part, its last or, if that is long enough to be telling, its middle.
        """
        text = name.encode()
        part = max(2, -(-len(text) // 3))
        start, stop = self._first(text[:part]), self._first(text[:part] + _LONGER_THAN_ANY)
        found = [self.lines[start - 1 : stop], *self._lines_with(text[-part:] + b" ")]
        middle = text[part:-part]
        if reach > 1 and len(middle) > 2:
            found.extend(self._lines_with(middle))
        shortest, longest = len(text) - reach, len(text) + reach
        for other, mark in set(_LINE.findall(b"".join(found))):
            if shortest <= len(other) <= longest and other != text:
                yield other.decode(), mark.decode()

    def occurs(self, letters: str) -> bool:
        """Tell whether a run of letters is part of any listed name."""
        return letters.encode() in self.lines

    def count(self, prefix: str) -> int:
        """Count the listed names that begin so."""
        text = prefix.encode()
        return self.lines.count(b"\n", self._first(text), self._first(text + _LONGER_THAN_ANY))

    def _first(self, text: bytes) -> int:
        """Return where the first line begins that does not sort before a text."""
        lines, size = self.lines, len(text)

        def line_around(at: int) -> bytes:
            start = lines.rfind(b"\n", 0, at) + 1
            return lines[start : start + size]

        return bisect_left(range(1, len(lines)), text, key=line_around) + 1

    def _lines_with(self, text: bytes) -> Iterator[bytes]:
        lines = self.lines
        at = lines.find(text)
        while at >= 0:
            stop = lines.find(b"\n", at)
            yield lines[lines.rfind(b"\n", 0, at) : stop]
            at = lines.find(text, stop)


@cache
def popular_names() -> PopularNames:
    """Return the names that pip-guard comes with, read when they are first needed."""
    with open(_FILE, "rb") as file:
        content = file.read()
    return PopularNames(lines=content[content.index(b"\n\n") + 1 :])
