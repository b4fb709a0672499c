"""Read the journal, the current file and the rotated ones, even if they are damaged."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import BinaryIO

from pip_guard.frozen import frozen, replace
from pip_guard.journal.record import SCHEMA, Outcome

REFUSALS = frozenset({Outcome.REFUSED, Outcome.WOULD_REFUSE, Outcome.ERROR})
# The rule, project and version of an entry of `[[exceptions]]`.
ExceptionKey = tuple[str, str | None, str | None]


@frozen
class RecordedFinding:
    """A finding in the journal; `entry` is the exception that excused it, and `reason` the reason for that."""

    rule: str
    severity: str
    would_refuse: bool
    message: str
    project: str | None
    version: str | None
    entry: ExceptionKey | None = None
    reason: str = ""
    once: bool = False


@frozen
class Record:
    """A command, by its last record; `line` is that record as written."""

    identity: str
    time: datetime
    host: str
    user: str
    argv: tuple[str, ...]
    outcome: Outcome
    exit_code: int | None
    error: str | None
    findings: tuple[RecordedFinding, ...]
    excused: tuple[RecordedFinding, ...]
    projects: tuple[str, ...]
    line: str

    @property
    def refused(self) -> bool:
        """Tell whether pip-guard refused the command, or would have if it did not only observe."""
        return self.outcome in REFUSALS


class Reading:
    """The commands in the lines that were read, and how many lines were unreadable or too new."""

    def __init__(self) -> None:
        self._records: dict[str, Record] = {}
        self.unreadable = 0
        self.newer = 0

    @property
    def records(self) -> list[Record]:
        """All commands, newest last."""
        return sorted(self._records.values(), key=lambda record: record.time)

    def add(self, lines: Iterable[bytes]) -> list[Record]:
        """Read lines, and return the records in them."""
        added = []
        for line in lines:
            try:
                content = json.loads(line)
                if content["schema"] > SCHEMA:
                    self.newer += 1
                    continue
                record = _parse(content, line)
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                self.unreadable += 1
                continue
            # a later record of a command replaces the earlier one, and moves to its own position
            self._records.pop(record.identity, None)
            self._records[record.identity] = record
            added.append(record)
        return added

    def add_older(self, path: str) -> None:
        """Read the older files of the journal at a path. Raises `OSError`."""
        for older in older_files(path):
            self.add(line.rstrip(b"\n") for line in read_lines(older))


def older_files(path: str) -> list[str]:
    """Return the older files of the journal, oldest first."""
    folder, name = os.path.split(path)
    try:
        found = [match for entry in os.listdir(folder) if (match := re.fullmatch(rf"{re.escape(name)}\.(\d+)", entry))]
    except FileNotFoundError:
        return []
    return [os.path.join(folder, match[0]) for match in sorted(found, key=lambda match: -int(match[1]))]


def read_lines(path: str) -> Iterator[bytes]:
    """Yield the lines of an older file. Raises `OSError`."""
    try:
        with open(path, "rb") as file:
            yield from file
    except FileNotFoundError:  # it has just been renamed
        return


class Tail:
    """Follow the current file from its beginning, and the one that replaces it."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._file: BinaryIO | None = None
        self._rest = b""

    def new_lines(self) -> list[bytes]:
        """Return the whole lines written since the last call. Raises `OSError`."""
        content = b""
        if self._file is not None:
            moved = not _is_at(self._file, self.path)
            content = self._file.read()
            if moved:
                self.close()
        if self._file is None:
            try:
                self._file = open(self.path, "rb")  # noqa: SIM115 -- it stays open between calls
            except FileNotFoundError:
                pass
            else:
                content += self._file.read()
        *lines, self._rest = (self._rest + content).split(b"\n")
        return lines

    @property
    def has_rest(self) -> bool:
        """Tell whether the file ends with half a line."""
        return bool(self._rest)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None


def used_exceptions(records: Iterable[Record]) -> dict[ExceptionKey, datetime]:
    """Return when each exception of the policy last excused a finding; ``--guard-allow`` does not count."""
    used: dict[ExceptionKey, datetime] = {}
    for record in records:
        for finding in record.excused:
            if finding.entry is not None and not finding.once:
                used[finding.entry] = max(record.time, used.get(finding.entry, record.time))
    return used


def read_journal(path: str) -> Reading:
    """Read the journal with its older files. Raises `OSError`."""
    reading = Reading()
    reading.add_older(path)
    tail = Tail(path)
    reading.add(tail.new_lines())
    tail.close()
    reading.unreadable += tail.has_rest
    return reading


def _is_at(file: BinaryIO, path: str) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), os.stat(path))
    except FileNotFoundError:
        return False


def _parse(content: Mapping[str, object], line: bytes) -> Record:
    findings = tuple(_parse_finding(finding) for finding in _tables(content["findings"]))
    excused = tuple(_parse_finding(finding) for finding in _tables(content["exceptions"]))
    projects = [str(file["project"]) for file in _tables(content["files"])]
    projects += [finding.project for finding in (*findings, *excused) if finding.project is not None]
    exit_code = content["exit_code"]
    return Record(
        identity=str(content["id"]),
        time=_time(str(content["time"])),
        host=str(content["host"]),
        user=str(content["user"]),
        argv=tuple(map(str, _items(content["argv"]))),
        outcome=Outcome(content["verdict"]),
        exit_code=exit_code if isinstance(exit_code, int) else None,
        error=_optional(content["error"]),
        findings=findings,
        excused=excused,
        projects=tuple(projects),
        line=line.decode(),
    )


def _parse_finding(content: Mapping[str, object]) -> RecordedFinding:
    finding = RecordedFinding(
        rule=str(content["rule"]),
        severity=str(content["severity"]),
        would_refuse=content["would_refuse"] is True,
        message=str(content["message"]),
        project=_optional(content["project"]),
        version=_optional(content["version"]),
    )
    if "entry" not in content:
        return finding
    entry = _table(content["entry"])
    return replace(
        finding,
        entry=(str(entry["rule"]), _optional(entry["project"]), _optional(entry["version"])),
        reason=str(entry["reason"]),
        once=entry["once"] is True,
    )


def _time(text: str) -> datetime:
    # NOTE: Python 3.10 does not read the "Z".
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if moment.tzinfo is None:
        raise ValueError
    return moment


def _items(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _tables(value: object) -> list[Mapping[str, object]]:
    return [_table(item) for item in _items(value)]


def _table(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise TypeError
    return value


def _optional(value: object) -> str | None:
    return None if value is None else str(value)
