"""Read values out of a parsed TOML table, and collect every problem with its key path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import TYPE_CHECKING, TypeVar

from pip_guard.frozen import frozen

if TYPE_CHECKING:
    from pip_guard.policy.toml_lines import KeyPath

ValueT = TypeVar("ValueT")
EnumT = TypeVar("EnumT", bound=Enum)


@frozen
class Problem:
    """A problem with a key, by its path."""

    path: KeyPath
    message: str

    @property
    def key(self) -> str:
        """The path of the key as it is shown."""
        return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path).removeprefix(".")


class Table:
    """A table of a policy file. At `finish`, every key that was never read is reported as unknown."""

    def __init__(self, content: Mapping[str, object], *, problems: list[Problem], path: KeyPath = ()) -> None:
        self._content = content
        self._problems = problems
        self._read: dict[str, None] = {}
        self._children: list[Table] = []
        self._tables: dict[str, Table] = {}
        self.path = path

    def names(self) -> tuple[str, ...]:
        """Return the keys of a table that allows any key."""
        return tuple(self._content)

    def problem(self, key: str, message: str, *, position: int | None = None) -> None:
        """Report a problem with a key, or with one element of its list."""
        path = (*self.path, key)
        self._problems.append(Problem(path=path if position is None else (*path, position), message=message))

    def value(self, key: str, kind: type[ValueT], expected: str) -> ValueT | None:
        """Return the value of a key, or None if it is missing. Another type is a problem, and also returns None."""
        self._read[key] = None
        found = self._content.get(key)
        if found is None:
            return None
        # NOTE: an exact type, because bool is an int and datetime is a date.
        if type(found) is not kind:
            self.problem(key, f"must be {expected}, not {_describe(found)}")
            return None
        return found

    def string(self, key: str, *, required: bool = False) -> str | None:
        """Return the text of a key, or None if it is missing. Empty text is a problem."""
        found = self.value(key, str, "a string")
        if found is not None and not found.strip():
            self.problem(key, "must not be empty")
        if required and key not in self._content:
            self.problem(key, "is missing")
        return found

    def strings(self, key: str) -> tuple[str, ...] | None:
        """Return the list of strings of a key, or None if it is missing or not a list."""
        found = self.value(key, list, "a list of strings")
        if found is None:
            return None
        for position, item in enumerate(found):
            if not isinstance(item, str):
                self.problem(key, f"must be a string, not {_describe(item)}", position=position)
        return tuple(item for item in found if isinstance(item, str))

    def choice(self, key: str, members: Iterable[EnumT]) -> EnumT | None:
        """Return the enumeration member whose value a key has."""
        found = self.value(key, str, "a string")
        if found is None:
            return None
        known = {str(member.value): member for member in members}
        if found not in known:
            self.problem(key, f"must be one of {', '.join(known)}, not {_quote(found)}{did_you_mean(found, known)}")
        return known.get(found)

    def table(self, key: str) -> Table:
        """Return the table of a key, or an empty one."""
        if key not in self._tables:
            self._tables[key] = self._child((*self.path, key), self.value(key, dict, "a table") or {})
        return self._tables[key]

    def tables(self, key: str) -> list[Table]:
        """Return the tables of an array of tables."""
        found = self.value(key, list, f"an array of tables, each headed [[{key}]]") or []
        children = []
        for position, item in enumerate(found):
            if isinstance(item, dict):
                children.append(self._child((*self.path, key, position), item))
            else:
                self.problem(key, f"must be a table, not {_describe(item)}", position=position)
        return children

    def known_keys(self, known: Iterable[str], kind: str) -> list[str]:
        """Return the known keys of this table, and report the others; `kind` is what a key stands for."""
        known = tuple(known)
        self._read.update(dict.fromkeys(self._content))
        for key in self._content:
            self.check_known(key, key, known, kind)
        return [key for key in self._content if key in known]

    def check_known(self, key: str, value: str, known: Iterable[str], kind: str) -> None:
        """Report a value that is not a known one."""
        known = tuple(known)
        if value not in known:
            self.problem(key, f"there is no {kind} {_quote(value)}{did_you_mean(value, known)}")

    def finish(self) -> None:
        """Report every key, here and in the tables below, that was never read."""
        for key in self._content:
            if key not in self._read:
                self.problem(key, f"there is no such key{did_you_mean(key, self._read)}")
        for child in self._children:
            child.finish()

    def _child(self, path: KeyPath, content: Mapping[str, object]) -> Table:
        child = Table(content, problems=self._problems, path=path)
        self._children.append(child)
        return child


def _describe(value: object) -> str:
    match value:
        case bool():
            return "a boolean"
        case str():
            return "a string"
        case int() | float():
            return "a number"
        case list():
            return "a list"
        case dict():
            return "a table"
        case _:
            return "a date or a time"


def _quote(text: str) -> str:
    return f'"{text}"'


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a suggestion of the closest known word, or an empty string."""
    import difflib

    close = difflib.get_close_matches(word, tuple(known), n=1)
    return f"; did you mean {_quote(close[0])}?" if close else ""
