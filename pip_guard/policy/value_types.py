"""Define the types of values in a policy: how each is read, shown, and described in JSON Schema."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import Enum
from typing import Generic, TypeVar

from pip_guard.frozen import frozen
from pip_guard.policy.table import Table
from pip_guard.urls.compare import is_loopback
from pip_guard.urls.location import InvalidURL, Location, parse_index, parse_location

ValueT = TypeVar("ValueT")
EnumT = TypeVar("EnumT", bound=Enum)
Plain = str | bool | list[str]

# ISO 8601, without the units whose length depends on the calendar; four digits cannot overflow.
DURATION = r"P(?=\d|T)(\d{1,4}W)?(\d{1,4}D)?(T(?=\d)(\d{1,4}H)?(\d{1,4}M)?)?"
_DURATION = re.compile(DURATION)
SIZE = r"[1-9]\d{0,5} ?[KMG]iB"
_SIZES = {"KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}
_UNITS = {"W": "weeks", "D": "days", "H": "hours", "M": "minutes"}


@frozen
class ValueType(Generic[ValueT]):
    """A type of value.

    `read` returns the value of a key, or None if it is missing or wrong, which it notes. `plain` returns a value in the form
    in which the file has it; `schema` is the JSON Schema of that form.
    """

    read: Callable[[Table, str], ValueT | None]
    plain: Callable[[ValueT], Plain]
    schema: Mapping[str, object]


def choice(*members: EnumT) -> ValueType[EnumT]:
    """Return the type of values that name one of these enumeration members."""
    return ValueType(
        read=lambda table, key: table.choice(key, members),
        plain=lambda member: str(member.value),
        schema={"enum": [member.value for member in members]},
    )


def locations(parse: Callable[[str], Location]) -> ValueType[tuple[Location, ...]]:
    """Return the type of lists of URLs."""

    def read(table: Table, key: str) -> tuple[Location, ...] | None:
        urls = table.strings(key)
        if urls is None:
            return None
        found = [read_location(table, key, url, parse, position) for position, url in enumerate(urls)]
        return tuple(location for location in found if location is not None)

    return ValueType(
        read=read,
        plain=lambda places: [str(place) for place in places],
        schema={"type": "array", "items": {"type": "string", "format": "uri"}, "uniqueItems": True},
    )


def read_location(
    table: Table, key: str, url: str, parse: Callable[[str], Location], position: int | None = None
) -> Location | None:
    """Return the location of a URL; an invalid URL is a problem."""
    try:
        return parse(url)
    except InvalidURL as error:
        table.problem(key, str(error), position=position)
        return None


def _from_text(parse: Callable[[str], ValueT]) -> Callable[[Table, str], ValueT | None]:
    """Return a function that reads text and parses it; the message of a `ValueError` or an `InvalidURL` is the problem."""

    def read(table: Table, key: str) -> ValueT | None:
        text = table.string(key)
        if text is None:
            return None
        try:
            return parse(text)
        except (ValueError, InvalidURL) as error:
            table.problem(key, str(error))
            return None

    return read


def _parse_duration(text: str) -> timedelta:
    if _DURATION.fullmatch(text) is None:
        raise ValueError(f'must be a duration such as "P3D" or "PT12H", not "{text}"')
    return timedelta(**{_UNITS[unit]: int(number) for number, unit in re.findall(r"(\d+)([WDHM])", text)})


def _show_duration(duration: timedelta) -> str:
    minutes = int(duration.total_seconds()) // 60
    days, hours, minutes = minutes // (24 * 60), minutes // 60 % 24, minutes % 60
    time = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    # ten thousand days have one digit more than a number may have
    length = (
        (f"{days // 7}W" if days // 7 else "") + (f"{days % 7}D" if days % 7 else "") if days > 9999 else f"{days}D"
    )
    return f"P{length if days or not time else ''}{'T' if time else ''}{time}"


def _parse_advisory_source(text: str) -> Location:
    if os.path.isabs(text):
        from pathlib import Path

        text = Path(text).as_uri()
    source = parse_index(text)
    if source.scheme not in ("https", "file") and not (source.scheme == "http" and is_loopback(source)):
        raise ValueError("must be an https URL, an http URL of this machine, a file URL or an absolute path")
    if "@" in text.partition("://")[2].partition("/")[0]:
        raise ValueError("must not have a password; .netrc can")
    return source


def _parse_size(text: str) -> int:
    if re.fullmatch(SIZE, text) is None:
        raise ValueError(f'must be a size such as "10 MiB", not "{text}"')
    return int(text[:-3]) * _SIZES[text[-3:]]


def _show_size(size: int) -> str:
    unit = next(unit for unit in reversed(_SIZES) if size % _SIZES[unit] == 0)
    return f"{size // _SIZES[unit]} {unit}"


def _parse_file(text: str) -> str:
    path = os.path.expanduser(text)
    # NOTE: a relative path would be a different file in every working directory, such as one in somebody's repository.
    if not os.path.isabs(path):
        raise ValueError(f'must be an absolute path, or begin with "~/", not "{text}"')
    return path


SWITCHES: ValueType[bool] = ValueType(
    read=lambda table, key: table.value(key, bool, "true or false"), plain=bool, schema={"type": "boolean"}
)
SIZES = ValueType(
    read=_from_text(_parse_size),
    plain=_show_size,
    schema={"type": "string", "pattern": f"^{SIZE}$", "examples": ["10 MiB"]},
)
FILES: ValueType[str | None] = ValueType(
    read=_from_text(_parse_file),
    plain=lambda path: path or "",
    schema={"type": "string", "pattern": "^(~|/|[A-Za-z]:)"},
)
DURATIONS = ValueType(
    read=_from_text(_parse_duration),
    plain=_show_duration,
    schema={"type": "string", "pattern": f"^{DURATION}$", "examples": ["P3D", "PT12H"]},
)
TEXT: ValueType[str | None] = ValueType(
    read=_from_text(str.strip), plain=lambda text: text or "", schema={"type": "string", "pattern": r"\S"}
)
ADVISORY_SOURCE = ValueType(
    read=_from_text(_parse_advisory_source),
    plain=str,
    schema={"type": "string", "pattern": "^(https?://|file://|/|[A-Za-z]:)"},
)
INDEXES = locations(parse_index)
PLACES = locations(parse_location)
