"""Name the exit codes that are pip-guard's own."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes above every code of pip, which pass through untouched; 44 to 49 are reserved."""

    REFUSED = 40
    POLICY = 41
    UNSUPPORTED_PIP = 42
    INTERNAL = 43
