"""Format what the messages of rules and commands have in common."""

from __future__ import annotations

from collections.abc import Iterable


def name_some(names: Iterable[str], most: int, *, separator: str = ", ", rest: str = "more") -> str:
    """List the first names, and count the others."""
    listed = list(names)
    others = len(listed) - most
    return separator.join([*listed[:most], f"and {others} {rest}"] if others > 0 else listed)
