"""Compare versions as PEP 440 does, importing `packaging` only when a comparison needs it."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packaging.version import Version

_FINAL = re.compile(r"(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*))*")
_TRAILING_ZEROS = re.compile(r"(?:\.0)+$")


def canonical(version: str) -> str:
    """Return the canonical spelling of a version; other text stays as it is."""
    # Nearly all versions look like this, and an export lists a million of them.
    if _FINAL.fullmatch(version):
        return _TRAILING_ZEROS.sub("", version)
    from packaging.utils import canonicalize_version

    return canonicalize_version(version)


@functools.lru_cache(maxsize=1024)
def parse(version: str) -> Version | None:
    """Parse a version, or return None for text that is not one."""
    from packaging.version import InvalidVersion, Version

    try:
        return Version(version)
    except InvalidVersion:
        return None


@functools.cache
def lowest() -> Version:
    """Return the lowest version of all."""
    from packaging.version import Version

    return Version("0.dev0")
