"""Look up the names of popular projects, and those that are spelled much like a given one."""

from __future__ import annotations

import os
import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache

from pip_guard.frozen import frozen

POPULAR = "012345678"
"""Marks of popular projects: `0` is for the 50 most downloaded, `1` goes on to the 100th, each other one twice that."""

KNOWN = "~"
"""The mark of a project that was popular before, or that others package: nobody's target, and no alarm."""

MISTYPED = "?"
"""The mark of a name that is popular because people mistype a far more popular one."""

_FILE = os.path.join(os.path.dirname(__file__), "data", "popular.txt")
_POPULAR_LINE = re.compile(rb"\n([a-z0-9-]{4,}) ([0-8])")
_AFTER_ALL_LETTERS = b"\x7f"


@frozen
class PopularNames:
    """Names and their marks, as one text of sorted lines.

    To search that takes a fraction of the time in which a set of so many names is made.
    """

    lines: bytes
    """Comments, marked by `#`; an empty line; then sorted lines of a name, a space and its mark."""

    def mark(self, name: str) -> str | None:
        """Return the mark of a name, or None if it is not listed."""
        start = b"%b " % name.encode()
        at = self._first_line(start)
        return chr(self.lines[at + len(start)]) if self.lines.startswith(start, at) else None

    def near(self, name: str, *, reach: int) -> Iterator[tuple[str, str]]:
        """Yield the popular names, with their marks, that may be within so many edits (1 or 2) of a name.

        Of three parts of a name, that many edits nearly always leave one as it was. So what is yielded begins or ends
        like the name or, if two edits are allowed, has its middle, and is about as long.
        """
        text = name.encode()
        last = max(2, -(-len(text) // 3))
        first = min(last, len(text) - last - 1)  # so that no swap of neighbours is in both
        start, stop = self._first_line(text[:first]), self._first_line(text[:first] + _AFTER_ALL_LETTERS)
        found = [self.lines[start - 1 : stop], *self._lines_with(text[-last:] + b" ")]
        middle = text[first:-last]
        if reach > 1 and len(middle) > 2:
            found.extend(self._lines_with(middle))
        for other, mark in set(_POPULAR_LINE.findall(b"".join(found))):
            if abs(len(other) - len(text)) <= reach and other != text:
                yield other.decode(), mark.decode()

    def has_letters(self, letters: str) -> bool:
        """Tell whether a run of letters is in any listed name; a newline stands for its start, a space for its end."""
        return letters.encode() in self.lines

    def count(self, prefix: str) -> int:
        """Count the listed names that begin so."""
        text = prefix.encode()
        return self.lines.count(b"\n", self._first_line(text), self._first_line(text + _AFTER_ALL_LETTERS))

    def _first_line(self, text: bytes) -> int:
        """Return where the first line begins that does not sort before a text."""
        lines, size = self.lines, len(text)

        def line_at(place: int) -> bytes:
            start = lines.rfind(b"\n", 0, place) + 1
            return lines[start : start + size]

        return bisect_left(range(1, len(lines)), text, key=line_at) + 1

    def _lines_with(self, text: bytes) -> Iterator[bytes]:
        lines = self.lines
        place = lines.find(text)
        while place >= 0:
            stop = lines.find(b"\n", place)
            yield lines[lines.rfind(b"\n", 0, place) : stop]
            place = lines.find(text, stop)


@cache
def popular_names() -> PopularNames:
    """Return the names that come with pip-guard, read when they are first needed."""
    with open(_FILE, "rb") as file:
        return PopularNames(lines=file.read())
