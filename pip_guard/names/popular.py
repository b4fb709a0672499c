"""Look up the names of popular projects, and those that are spelled much like a given one."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache

POPULAR = "012345678"
"""Marks of popular projects: `0` is for the 50 most downloaded, `1` goes on to the 100th, each other one twice that."""

KNOWN = "~"
"""The mark of a project that was popular before, or that others package: nobody's target, and no alarm."""

MISTYPED = "?"
"""The mark of a name that is popular because people mistype a far more popular one."""

_FILE = os.path.join(os.path.dirname(__file__), "popular.txt")
_POPULAR_LINE = re.compile(rb"\n([a-z0-9-]{4,}) ([0-8])")


class PopularNames:
    """Names and their marks, as one text of lines, the shorter ones first and sorted among those of the same length.

    To search that takes a fraction of the time in which a set of so many names is made. `lines` are comments, marked by `#`; an empty
    line; then lines of a name, a space and its mark.
    """

    def __init__(self, lines: bytes) -> None:
        self.lines = lines
        # what has been looked up before: where the names of a length begin and end, and how many names begin with a text
        self._blocks: dict[int, tuple[int, int]] = {}
        self._counts: dict[str, int] = {}

    def mark(self, name: str) -> str | None:
        """Return the mark of a name, or None if it is not listed."""
        start = b"%b " % name.encode()
        at = self._find((len(start) + 1, start))
        return chr(self.lines[at + len(start)]) if self.lines.startswith(start, at) else None

    def near(self, name: str, *, reach: int) -> Iterator[tuple[str, str]]:
        """Yield the popular names, with their marks, that may be within so many edits (1 or 2) of a name.

        Of three parts of a name, that many edits nearly always leave one as it was. So what is yielded begins or ends
        like the name or, if two edits are allowed, has its middle, and is about as long.
        """
        text = name.encode()
        last = max(2, -(-len(text) // 3))
        first = min(last, len(text) - last - 1)  # so that no swap of neighbours is in both
        parts = [text[-last:] + b" "]
        middle = text[first:-last]
        if reach > 1 and len(middle) > 2:
            parts.append(middle)
        found: list[bytes] = []
        for length in range(len(text) - reach, len(text) + reach + 1):
            start, stop = self._block(length)
            block = self.lines[start - 1 : stop]
            found.append(_lines_that_begin(block, text[:first]))
            for part in parts:
                found.extend(_lines_with(block, part))
        for other, mark in set(_POPULAR_LINE.findall(b"".join(found))):
            if other != text:
                yield other.decode(), mark.decode()

    def has_letters(self, letters: str) -> bool:
        """Tell whether a run of letters is in any listed name; a newline stands for its start, a space for its end."""
        return letters.encode() in self.lines

    def count(self, prefix: str) -> int:
        """Count the listed names that begin so."""
        # NOTE: this looks through all lines, and a name in a large family has many neighbours there.
        if prefix not in self._counts:
            self._counts[prefix] = self.lines.count(b"\n" + prefix.encode())
        return self._counts[prefix]

    def _block(self, length: int) -> tuple[int, int]:
        """Return where the lines of the names of a length begin and end."""
        if length not in self._blocks:
            self._blocks[length] = self._find((length + 2, b"")), self._find((length + 3, b""))
        return self._blocks[length]

    def _find(self, wanted: tuple[int, bytes]) -> int:
        """Return where the first line begins that is of a length and a text, or sorts after it."""
        lines = self.lines
        low, high = lines.find(b"\n\n") + 2, len(lines)
        while low < high:
            middle = (low + high) // 2
            start = max(lines.rfind(b"\n", low, middle) + 1, low)
            end = lines.find(b"\n", middle)
            if (end - start, lines[start:end]) < wanted:
                low = end + 1
            else:
                high = start
        return low


def _lines_that_begin(block: bytes, text: bytes) -> bytes:
    """Return the lines of a sorted block that begin with a text, each behind its newline."""
    start = block.find(b"\n" + text)
    return block[start : block.find(b"\n", block.rfind(b"\n" + text) + 1)] if start >= 0 else b""


def _lines_with(block: bytes, text: bytes) -> Iterator[bytes]:
    """Yield the lines of a block that have a text in them, each behind its newline."""
    place = block.find(text)
    while place >= 0:
        stop = block.find(b"\n", place)
        yield block[block.rfind(b"\n", 0, place) : stop]
        place = block.find(text, stop)


@cache
def popular_names() -> PopularNames:
    """Return the names that come with pip-guard, read when they are first needed."""
    with open(_FILE, "rb") as file:
        return PopularNames(lines=file.read())


def forget_popular_names() -> None:
    """Let go of the names, which take a third of a megabyte; whoever needs them again reads them again."""
    popular_names.cache_clear()
