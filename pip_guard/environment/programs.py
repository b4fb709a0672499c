"""Find the programs on PATH that belong to no environment."""

from __future__ import annotations

import os

# What makes an environment of a folder: Python's own, and conda's.
_MARKS = ("pyvenv.cfg", "conda-meta")
# Where version managers keep a script for every command of everything that they manage.
_SHIMS = "shims"


def find_program(name: str, *, besides: str) -> str | None:
    """Return the path of a program that people start by a name, in other folders than one, or None."""
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        if not os.path.isabs(folder) or os.path.basename(folder) == _SHIMS or _is_same(folder, besides):
            continue
        path = os.path.join(folder, name)
        if os.path.isfile(path) and os.access(path, os.X_OK) and not _is_of_environment(path):
            return path
    return None


def _is_same(folder: str, other: str) -> bool:
    return os.path.realpath(folder) == os.path.realpath(other)


def _is_of_environment(path: str) -> bool:
    prefixes = {os.path.dirname(os.path.dirname(each)) for each in (path, os.path.realpath(path))}
    return any(os.path.exists(os.path.join(prefix, mark)) for prefix in prefixes for mark in _MARKS)
