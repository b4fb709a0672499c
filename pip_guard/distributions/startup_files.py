"""Look up the startup files that are known to be harmless."""

from __future__ import annotations

import hashlib
import os
from functools import cache

from pip_guard.environment.files import record_hash

_FILE = os.path.join(os.path.dirname(__file__), "startup_files.txt")


def is_known(project: str, path: str, content: bytes) -> bool:
    """Tell whether a (normalised) project is known to have had a startup file of this path with this very content."""
    return (project, path, hashlib.sha256(content).hexdigest()) in _known()


def is_known_hash(project: str, path: str, hash_: str) -> bool:
    """Tell the same by a hash in the notation of RECORD, which is SHA-256."""
    return any(
        (owner, name) == (project, path) and record_hash("sha256", bytes.fromhex(digest)) == hash_
        for owner, name, digest in _known()
    )


@cache
def _known() -> frozenset[tuple[str, str, str]]:
    """Return project, path and sha256 of what is known, read when it is first needed."""
    with open(_FILE, encoding="utf-8") as file:
        rows = [line.split() for line in file if line.strip() and not line.startswith("#")]
    return frozenset((project, path, sha256) for project, path, sha256, *_ in rows)
