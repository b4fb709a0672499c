"""Find programs on PATH, and tell those of the system from those of environments and users."""

from __future__ import annotations

import os
import sys

from pip_guard.environment.active import MARKS
from pip_guard.environment.permissions import ROOT, folder_danger

# The folder of a version manager with a script for every command of all its interpreters.
_SHIMS = "shims"


def find_program(name: str, *, besides: str) -> str | None:
    """Return the path of the program that a name starts, outside of environments and of the folder `besides`, or None."""
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        if not os.path.isabs(folder) or os.path.basename(folder) == _SHIMS or _is_same(folder, besides):
            continue
        path = os.path.join(folder, name)
        if os.path.isfile(path) and os.access(path, os.X_OK) and not _is_of_environment(path):
            return path
    return None


def system_path(path: str) -> str:
    """Return the part of a PATH that holds folders in which root alone can put programs, outside of the running environment.

    NOTE: not on Windows, where the owner and the mode of a folder say nothing.
    """
    if os.name != "posix":
        return path
    return os.pathsep.join(folder for folder in path.split(os.pathsep) if _is_of_the_system(folder))


def _is_same(folder: str, other: str) -> bool:
    return os.path.realpath(folder) == os.path.realpath(other)


def _is_of_environment(path: str) -> bool:
    prefixes = {os.path.dirname(os.path.dirname(each)) for each in (path, os.path.realpath(path))}
    return any(os.path.exists(os.path.join(prefix, mark)) for prefix in prefixes for mark in MARKS)


def _is_of_the_system(folder: str) -> bool:
    try:
        if not os.path.isabs(folder) or os.stat(folder).st_uid != ROOT:
            return False
    except OSError:
        return False
    real, environment = os.path.realpath(folder), os.path.realpath(sys.prefix)
    is_inside = sys.prefix != sys.base_prefix and os.path.commonpath([real, environment]) == environment
    return not is_inside and folder_danger(folder) is None
