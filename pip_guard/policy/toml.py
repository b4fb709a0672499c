"""Parse TOML, on Python 3.10 with the parser that pip brings along."""

from __future__ import annotations

import sys

if sys.version_info >= (3, 11):
    import tomllib
else:
    from pip._vendor import tomli as tomllib

TOMLError = tomllib.TOMLDecodeError


def parse_toml(text: str) -> dict[str, object]:
    """Parse a document; raises `TOMLError`, which names line and column."""
    return dict(tomllib.loads(text))
