"""Find member names that lead elsewhere than they seem to, or that two members share."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

# A drive, a stream of a file, a folder separator of Windows; empty, `.` and `..` as parts, and parts that Windows shortens by
# dots and spaces at their end; whatever ends a line somewhere, or turns the direction of writing, and other characters that
# cannot be seen.
_MISLEADING = re.compile(
    r"^/|[:\\]|(?:^|/)\.{0,2}(?:/|$)|[. ](?:/|$)|[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"
)


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
    for folder in find_folders(seen):
        if folder in seen:
            yield f"{seen[folder]} is a file, and a folder of others"


def find_folders(names: Iterable[str]) -> Iterator[str]:
    """Yield the folders, without the slash, that names lie in or are."""
    found = set()
    for name in names:
        end = name.rfind("/")
        while end > 0 and (folder := name[:end]) not in found:
            found.add(folder)
            yield folder
            end = name.rfind("/", 0, end)


def _fold(name: str) -> str:
    """Return what is the same for names that a file system without case or normalisation takes for one."""
    return name.lower() if name.isascii() else unicodedata.normalize("NFC", name).casefold()
