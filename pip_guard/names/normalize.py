"""Normalise project names."""

from __future__ import annotations

import re

PROJECT = re.compile(r"[a-z0-9*?-]+")
"""A normalised project name, or a pattern of such names."""

_SEPARATORS = re.compile(r"[-_.]+")


def normalize_name(name: str) -> str:
    """Return the normal form of a project name, or of a pattern of names.

    The rule is that of https://packaging.python.org/en/latest/specifications/name-normalization/.
    """
    # most names have that form already, and a policy may hold thousands of them
    if name.islower() and not ("_" in name or "." in name or "--" in name):
        return name
    return _SEPARATORS.sub("-", name).lower()
