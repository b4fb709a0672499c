"""Read the tables of names that only some projects may bring."""

from __future__ import annotations

import os
from collections.abc import Iterator

_FOLDER = os.path.dirname(__file__)


def read_reserved_names(filename: str) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Yield each name in a table, what relies on it, and the projects that may bring it."""
    reliance = ""
    with open(os.path.join(_FOLDER, filename), encoding="utf-8") as file:
        for line in file:
            if line.startswith("= "):
                reliance = line[2:].strip()
            elif line.strip() and not line.startswith("# "):
                name, *projects = line.split()
                yield name, reliance, frozenset(projects)
