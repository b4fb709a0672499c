"""Add exceptions to the text of a policy file and remove them from it, keeping every other byte."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from pip_guard.policy.toml import TOMLError, parse_toml
from pip_guard.policy.toml_lines import find_lines


def with_entry(text: str, entry: str) -> str:
    """Return a text with an entry at its end."""
    separator = "" if not text else "\n" if text.endswith("\n") else "\n\n"
    return f"{text}{separator}{entry}"


def without_exceptions(text: str, positions: Iterable[int]) -> str | None:
    """Return a valid text without the exceptions at these positions, or None where one is no table of its own.

    An exception is its header and its keys, with the empty line above it; comments on lines of their own stay.
    """
    lines = text.split("\n")
    found = find_lines(text)
    gone: set[int] = set()
    for position in positions:
        header = found["exceptions", position] - 1
        if not lines[header].strip().startswith("[["):
            return None
        gone.add(header)
        for path, line in found.items():
            if path[:2] == ("exceptions", position) and len(path) == 3:
                gone.update(range(line - 1, _end(lines, line - 1)))
        if header > 0 and not lines[header - 1].strip():
            gone.add(header - 1)
    kept = [line for number, line in enumerate(lines) if number not in gone]
    return "\n".join(kept)


def _end(lines: list[str], start: int) -> int:
    """Return the line after the value of the key that begins at `start`: the first with which the lines are valid TOML."""
    for end in range(start + 1, len(lines)):
        with suppress(TOMLError):
            parse_toml("\n".join(lines[start:end]))
            return end
    return len(lines)
