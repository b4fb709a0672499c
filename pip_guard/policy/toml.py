"""Parse TOML, on Python 3.10 with the parser that pip brings along."""

from __future__ import annotations

import json
import sys

if sys.version_info >= (3, 11):
    import tomllib
else:
    from pip._vendor import tomli as tomllib

TOMLError = tomllib.TOMLDecodeError


def parse_toml(text: str) -> dict[str, object]:
    """Parse a document; raises `TOMLError`, which names line and column."""
    return dict(tomllib.loads(text))


def render_toml(value: str | bool | list[str]) -> str:
    """Return the text of a value; bytes of an argument that are not text are replaced."""
    # a JSON string is a TOML basic string, but for DEL
    text = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8")
    return text.replace("\x7f", "\\u007f")
