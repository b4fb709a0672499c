"""Read advisories in the OSV format: https://ossf.github.io/osv-schema/."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pip_guard.advisories.versions import canonical
from pip_guard.frozen import frozen
from pip_guard.names.normalize import normalize_name

ECOSYSTEM = "PyPI"
# The ids of the OpenSSF's repository of malware reports: https://github.com/ossf/malicious-packages.
MALICIOUS = "MAL-"
# Ids end up in URLs and in terminal output, so only these are accepted.
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
# The schema recommends at most 120 characters.
_LONGEST_SUMMARY = 120
# The type of ranges of commits, which say nothing about versions.
_GIT = "GIT"
_EVENTS = ("introduced", "fixed", "last_affected", "limit")

# One event of a range: its kind and its version.
Event = tuple[str, str]


class InvalidRecordError(ValueError):
    """Say why something is not an OSV record."""


@frozen
class Affected:
    """The affected releases of one project: those in any of the ranges, and those listed, in canonical form."""

    ranges: tuple[tuple[Event, ...], ...] = ()
    versions: frozenset[str] = frozenset()


@frozen
class Record:
    """One advisory, reduced to the projects of PyPI, by their normalised names."""

    id: str
    modified: str
    withdrawn: bool = False
    aliases: tuple[str, ...] = ()
    summary: str = ""
    affected: Mapping[str, tuple[Affected, ...]]

    @property
    def malicious(self) -> bool:
        """Tell whether this reports malware, rather than a vulnerability."""
        return any(is_malicious(name) for name in (self.id, *self.aliases))


def is_malicious(identifier: str) -> bool:
    """Tell whether an id is that of a malware report."""
    return identifier.startswith(MALICIOUS)


def is_id(value: object) -> bool:
    """Tell whether a value can be the id of a record."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def parse_json(content: bytes) -> Any:  # Any: somebody else wrote it
    """Parse an untrusted JSON document. Raises `InvalidRecordError`."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise InvalidRecordError("is not JSON") from None


def parse_record(content: bytes) -> Record:
    """Parse one record. Raises `InvalidRecordError`."""
    value = parse_json(content)
    if not isinstance(value, dict) or not is_id(value.get("id")):
        raise InvalidRecordError("is not an OSV record")
    modified = value.get("modified")
    if not isinstance(modified, str) or _TIME.fullmatch(modified) is None:
        raise InvalidRecordError("does not say when it was modified")
    affected: dict[str, tuple[Affected, ...]] = {}
    for entry in _list(value, "affected", dict):
        project = _project(entry)
        if project is not None:
            affected[project] = (*affected.get(project, ()), _affected(entry))
    return Record(
        id=value["id"],
        modified=modified,
        withdrawn=value.get("withdrawn") is not None,
        aliases=tuple(name for name in _list(value, "aliases", str) if is_id(name)),
        summary=_summary(value.get("summary")),
        affected=affected,
    )


def _project(entry: Mapping[str, object]) -> str | None:
    package = entry.get("package")
    if not isinstance(package, dict) or package.get("ecosystem") != ECOSYSTEM:
        return None
    name = package.get("name")
    if not isinstance(name, str):
        raise InvalidRecordError("does not name the project it affects")
    normal = normalize_name(name)
    return normal if _NAME.fullmatch(normal) else None


def _affected(entry: Mapping[str, object]) -> Affected:
    ranges = [range_ for range_ in _list(entry, "ranges", dict) if range_.get("type") != _GIT]
    return Affected(
        ranges=tuple(tuple(_events(range_)) for range_ in ranges),
        versions=frozenset(map(canonical, _list(entry, "versions", str))),
    )


def _events(range_: Mapping[str, object]) -> Iterable[Event]:
    for event in _list(range_, "events", dict):
        for kind, version in event.items():
            if kind in _EVENTS:
                if not isinstance(version, str):
                    raise InvalidRecordError("has a range without versions")
                yield kind, version


def _list(value: Mapping[str, object], key: str, kind: type) -> list[Any]:  # Any: `kind` says what they are
    """Return the list at a key, which may be missing or null."""
    items = value.get(key) or []
    if not isinstance(items, list) or not all(isinstance(item, kind) for item in items):
        raise InvalidRecordError(f"has {key} of another type")
    return items


def _summary(value: object) -> str:
    words = " ".join(value.split()) if isinstance(value, str) else ""
    return words if len(words) <= _LONGEST_SUMMARY else words[: _LONGEST_SUMMARY - 3].rstrip() + "..."
