"""Tell which pip is installed."""

from __future__ import annotations

import re

# The oldest pip with no known vulnerability, as of 2026-11.
OLDEST_PIP = "26.2"


def pip_version() -> str:
    """Return the version of the installed pip."""
    import pip

    return pip.__version__


def is_too_old(version: str) -> bool:
    """Tell whether a version of pip is older than the oldest that is supported."""
    return _release(version) < _release(OLDEST_PIP)


def _release(version: str) -> tuple[int, int]:
    match = re.match(r"(\d+)\.(\d+)", version)
    return (int(match[1]), int(match[2])) if match is not None else (0, 0)
