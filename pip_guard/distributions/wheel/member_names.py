"""Find member names that lead elsewhere than they seem to, or that two members share."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator

# A drive, a stream of a file, a folder separator of Windows; empty, `.` and `..` as parts, and parts that Windows shortens by
# dots and spaces at their end; whatever ends a line somewhere, or turns the direction of writing, and other characters that
# cannot be seen.
_MISLEADING = re.compile(
    r"^/|[:\\]|(?:^|/)\.{0,2}(?:/|$)|[. ](?:/|$)|[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"
)


# Of 967 wheels of popular projects, the longest name had 238 characters, in 16 folders.
_LONGEST_NAME = 1024
_LONGEST_PART = 255
_DEEPEST = 64
_FOLDER_DEPTH = 8


def check_names(names: Iterable[str]) -> Iterator[str]:
    """Say which names mislead, are the same to any file system, or are a file and a folder; a folder's ends with a slash."""
    seen: dict[str, str] = {}
    for name in names:
        if _MISLEADING.search(name.removesuffix("/")):
            yield f"the name {name!r} misleads"
        folded = _fold(name)
        other = seen.get(folded)
        if other is not None:
            yield f"{name} is there twice" if other == name else f"{name} and {other} are one file on some systems"
        seen[folded] = name
    in_order = SortedNames(seen)
    for folded, name in seen.items():
        if not name.endswith("/") and in_order.has_below(f"{folded}/"):
            yield f"{name} is a file, and a folder of others"


class SortedNames:
    """Names in order, to look folders up without a string for each folder: one name can have tens of thousands of them."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = sorted(names)

    def has_below(self, folder: str) -> bool:
        """Tell whether any name begins with that of a folder, which ends with a slash."""
        at = bisect_left(self._names, folder)
        return at < len(self._names) and self._names[at].startswith(folder)


def check_bounds(names: Iterable[str]) -> Iterator[str]:
    """Say which names are longer or deeper than those of any genuine wheel."""
    for name in names:
        if len(name) > _LONGEST_NAME or name.count("/") > _DEEPEST or max(map(len, name.split("/"))) > _LONGEST_PART:
            yield f"the name {name[:40]!r}... is too long"


def find_folders(names: Iterable[str]) -> set[str]:
    """Return the folders, without the slash, that names lie in, up to a depth that anything looks for."""
    found: set[str] = set()
    for name in names:
        end = name.find("/", 1)
        for _ in range(_FOLDER_DEPTH):
            if end < 0:
                break
            found.add(name[:end])
            end = name.find("/", end + 1)
    return found


def _fold(name: str) -> str:
    """Return a form that is equal for names that some file systems, ignoring case or normalisation, do not distinguish."""
    return name.lower() if name.isascii() else unicodedata.normalize("NFC", name).casefold()
