"""Normalise project names."""

from __future__ import annotations

import re

_SEPARATORS = re.compile(r"[-_.]+")


def normalize_name(name: str) -> str:
    """Return the normal form of a project name, or of a pattern of names.

    The rule is that of https://packaging.python.org/en/latest/specifications/name-normalization/.
    """
    return _SEPARATORS.sub("-", name).lower()
