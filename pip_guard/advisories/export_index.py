"""Index a large export in one file, with a line per project, sorted by name for binary search."""

from __future__ import annotations

import json
import mmap
from collections.abc import Iterable, Sequence
from typing import Any

from pip_guard.advisories.records import Affected, InvalidRecordError, Record, parse_json
from pip_guard.frozen import frozen

_FORMAT = 2


@frozen
class ExportIndex:
    """An opened index.

    `newest` is the time of the last change to a record about PyPI, empty if there is none; `damage` describes the records that
    could not be read, empty if all could.
    """

    fingerprint: str
    newest: str
    damage: str
    content: bytes | mmap.mmap

    def find(self, project: str) -> tuple[Record, ...]:
        """Return the records about a project, given its normalised name. Raises `InvalidRecordError` if the index is damaged."""
        line = _find_line(self.content, project.encode())
        try:
            return () if line is None else tuple(_load(entry, project) for entry in parse_json(line))
        except (TypeError, ValueError):
            raise InvalidRecordError("is damaged") from None


def build_index(records: Iterable[Record], fingerprint: str, damage: Sequence[str] = ()) -> bytes:
    """Build the index of all records that are not withdrawn; `damage` is read last, as it grows with `records`."""
    lines: dict[str, list[str]] = {}
    newest = ""
    for record in records:
        if not record.affected:
            continue
        newest = max(newest, record.modified)
        for project in () if record.withdrawn else record.affected:
            lines.setdefault(project, []).append(_dump(record, project))
    body = b"".join(f"{project}\t[{','.join(lines[project])}]\n".encode() for project in sorted(lines))
    header = {
        "format": _FORMAT,
        "fingerprint": fingerprint,
        "newest": newest,
        "damage": _summarize(damage),
        "size": len(body),
    }
    return json.dumps(header).encode() + b"\n" + body


def open_index(content: bytes | mmap.mmap) -> ExportIndex:
    """Open an index. Raises `InvalidRecordError` if it is damaged, truncated or of another format."""
    end = content.find(b"\n") + 1
    header = parse_json(content[:end])
    if not isinstance(header, dict) or header.get("format") != _FORMAT or header.get("size") != len(content) - end:
        raise InvalidRecordError("is damaged")
    fingerprint, newest, damage = (str(header[key]) for key in ("fingerprint", "newest", "damage"))
    return ExportIndex(fingerprint=fingerprint, newest=newest, damage=damage, content=content)


def _summarize(damage: Sequence[str]) -> str:
    if len(damage) < 2:
        return "".join(damage)
    return f"{damage[0]}, and {len(damage) - 1} more of its records cannot be read"


def _find_line(content: bytes | mmap.mmap, name: bytes) -> bytes | None:
    """Return the rest of the line that begins with a name, if there is one."""
    low, high = content.find(b"\n") + 1, len(content)
    while low < high:
        middle = (low + high) // 2
        start = max(content.rfind(b"\n", low, middle) + 1, low)
        end = content.find(b"\n", middle)
        tab = content.find(b"\t", start)
        found = content[start:tab]
        if found == name:
            return content[tab + 1 : end]
        low, high = (end + 1, high) if found < name else (low, start)
    return None


def _dump(record: Record, project: str) -> str:
    affected = [[entry.ranges, sorted(entry.versions)] for entry in record.affected[project]]
    fields = [record.id, record.modified, record.aliases, record.summary, affected]
    return json.dumps(fields, separators=(",", ":"))


def _load(fields: Any, project: str) -> Record:  # Any: one entry of a file that may be damaged
    identifier, modified, aliases, summary, affected = fields
    entries = (Affected(ranges=_load_ranges(ranges), versions=frozenset(versions)) for ranges, versions in affected)
    return Record(
        id=identifier,
        modified=modified,
        aliases=tuple(aliases),
        summary=summary,
        affected={project: tuple(entries)},
    )


def _load_ranges(ranges: Any) -> tuple[tuple[tuple[str, str], ...], ...]:  # Any: as above
    return tuple(tuple((kind, version) for kind, version in events) for events in ranges)
