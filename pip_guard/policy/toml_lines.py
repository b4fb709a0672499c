"""Find the line of every key in a TOML document, which `tomllib` does not report."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

KeyPath = tuple[str | int, ...]

# The tokens of a valid document (https://toml.io/en/v1.0.0), as far as they matter for finding its keys.
_TOKEN = re.compile(
    r"""
      (?P<skip> [ \t\r]+ | \#[^\n]* )
    | (?P<newline> \n )
    | (?P<text> \"{3} (?: \\. | [^\\] )*? \"{3,5}(?!\") | '{3} .*? '{3,5}(?!') | " (?: \\. | [^"\\\n] )* " | '[^'\n]*' )
    | (?P<mark> [][{}=.,] )
    | (?P<word> [^][{}=.,#"'\s]+ )
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b"}


class _Token(NamedTuple):
    kind: str
    text: str
    line: int


def find_lines(text: str) -> dict[KeyPath, int]:
    """Return the line, counted from one, on which each key of a valid document first occurs.

    The path of a key has the names from the top of the document down, and for arrays the position of the element.
    """
    finder = _Finder(text)
    # NOTE: the parser can read deeper nesting than this; such keys have no lines.
    with suppress(RecursionError):
        finder.run()
    return finder.lines


class _Finder:
    """Reads a document statement by statement; an invalid one ends early, with the lines found so far."""

    def __init__(self, text: str) -> None:
        self.lines: dict[KeyPath, int] = {}
        self._tokens = _tokenize(text)
        self._token = _Token("newline", "\n", 1)
        # The number of tables in each array of tables so far.
        self._lengths: dict[KeyPath, int] = {}

    def run(self) -> None:
        table: KeyPath = ()
        while self._advance():
            if self._token.kind == "newline":
                continue
            if self._token.text == "[" and self._token.kind == "mark":
                table = self._read_header()
            else:
                self._read_pair(table)

    def _advance(self) -> bool:
        self._token = next(self._tokens, _Token("end", "", 0))
        return self._token.kind != "end"

    def _at(self, mark: str) -> bool:
        return self._token.kind == "mark" and self._token.text == mark

    def _read_header(self) -> KeyPath:
        line = self._token.line
        self._advance()
        is_array = self._at("[")
        if is_array:
            self._advance()
        *parents, last = self._read_key() or ("",)
        path: KeyPath = ()
        for name in parents:
            path = self._element((*path, name))
            self._note(path, line)
        path = (*path, last)
        self._note(path, line)
        if is_array:
            self._lengths[path] = self._lengths.get(path, 0) + 1
            path = self._element(path)
            self._note(path, line)
        while self._token.kind not in ("newline", "end"):
            self._advance()
        return path

    def _element(self, path: KeyPath) -> KeyPath:
        """Return the path of the last table of an array of tables, or the path itself if it is none."""
        return (*path, self._lengths[path] - 1) if path in self._lengths else path

    def _read_key(self) -> tuple[str, ...]:
        """Read the names of a key."""
        names = []
        while self._token.kind in ("text", "word") or self._at("."):
            if not self._at("."):
                names.append(_unquote(self._token))
            self._advance()
        return tuple(names)

    def _read_pair(self, table: KeyPath) -> None:
        line = self._token.line
        path = table
        for name in self._read_key():
            path = (*path, name)
            self._note(path, line)
        self._advance()  # the equals sign
        self._read_value(path)

    def _read_value(self, path: KeyPath) -> None:
        if self._at("["):
            self._read_array(path)
        elif self._at("{"):
            self._read_inline_table(path)
        while not (self._at(",") or self._at("]") or self._at("}")) and self._token.kind not in ("newline", "end"):
            self._advance()

    def _read_array(self, path: KeyPath) -> None:
        position = 0
        self._advance()
        while not self._at("]") and self._token.kind != "end":
            if self._token.kind == "newline" or self._at(","):
                self._advance()
                continue
            self._note((*path, position), self._token.line)
            self._read_value((*path, position))
            position += 1
            if self._at("}"):
                self._advance()
        self._advance()

    def _read_inline_table(self, path: KeyPath) -> None:
        self._advance()
        while not self._at("}") and self._token.kind != "end":
            if self._token.kind == "newline" or self._at(",") or self._at("]"):
                self._advance()
                continue
            self._read_pair(path)
        self._advance()

    def _note(self, path: KeyPath, line: int) -> None:
        self.lines.setdefault(path, line)


def _tokenize(text: str) -> Iterator[_Token]:
    line = 1
    for match in _TOKEN.finditer(text):
        kind, found = str(match.lastgroup), match[0]
        if kind != "skip":
            yield _Token(kind, found, line)
        line += found.count("\n")


def _unquote(token: _Token) -> str:
    if token.kind == "word" or token.text.startswith("'"):
        return token.text.strip("'")
    return _ESCAPE.sub(_unescape, token.text[1:-1])


def _unescape(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else _ESCAPED.get(match[3], match[3])
