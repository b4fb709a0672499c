"""Check that pip-guard's own files are those that were installed."""

from __future__ import annotations

import importlib.metadata
import os
from base64 import urlsafe_b64encode
from hashlib import sha256

from pip_guard.modules import own_folder

DISTRIBUTION = "pip-guard-shim"
_NOT_IN_RECORD = (".pyc", "__pycache__")


def find_changes() -> tuple[str, ...] | None:
    """Return what is changed, missing or added, as paths; None where there is no record of what should be there."""
    folder = own_folder()
    found = importlib.metadata.distributions(name=DISTRIBUTION, path=[folder])
    files = next((each.files for each in found), None) or []
    recorded = {str(file): file.hash for file in files if str(file).startswith("pip_guard/") and file.hash is not None}
    if not recorded:
        return None
    changed = [name for name, digest in recorded.items() if _digest(os.path.join(folder, name)) != digest.value]
    present = {
        os.path.relpath(os.path.join(place, name), folder).replace(os.sep, "/")
        for place, _, names in os.walk(os.path.join(folder, "pip_guard"))
        for name in names
        if not name.endswith(_NOT_IN_RECORD) and os.path.basename(place) not in _NOT_IN_RECORD
    }
    return tuple(sorted({*changed, *(present - recorded.keys())}))


def _digest(path: str) -> str | None:
    try:
        with open(path, "rb") as file:
            return urlsafe_b64encode(sha256(file.read()).digest()).rstrip(b"=").decode()
    except OSError:
        return None
