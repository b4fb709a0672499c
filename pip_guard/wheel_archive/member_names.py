"""Find member names that lead elsewhere than they seem to, or that two members share."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

# A drive, a stream of a file, a folder separator of Windows; empty, `.` and `..` as parts, and parts that Windows shortens by
# dots and spaces at their end; whatever ends a line somewhere, and other characters that cannot be seen.
_MISLEADING = re.compile(r"^/|[:\\]|(?:^|/)\.{0,2}(?:/|$)|[. ](?:/|$)|[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def check_names(names: Iterable[str]) -> Iterator[str]:
    """Say which names mislead, and which are the same, to any file system; a folder's ends with a slash."""
    seen: dict[str, str] = {}
    for name in names:
        if _MISLEADING.search(name.removesuffix("/")):
            yield f"the name {name!r} misleads"
        folded = _fold(name)
        other = seen.get(folded)
        if other is not None:
            yield f"{name} is there twice" if other == name else f"{name} and {other} are one file on some systems"
        seen[folded] = name


def _fold(name: str) -> str:
    """Return what is the same for names that a file system without case or normalisation takes for one."""
    return name.lower() if name.isascii() else unicodedata.normalize("NFC", name).casefold()
