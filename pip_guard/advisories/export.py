"""Read a local export of advisories: a zip as OSV publishes it for each ecosystem, or a folder, with one JSON file per record."""

from __future__ import annotations

import hashlib
import os
import zipfile
import zlib
from collections.abc import Iterator

from pip_guard.advisories.interface import UnansweredError
from pip_guard.advisories.records import InvalidRecordError, Record, parse_record

_SUFFIX = ".json"
# Even records that list thousands of versions stay far below this.
LARGEST_RECORD = 16 * 1024 * 1024


def fingerprint(path: str) -> str:
    """Return a hash of the names, sizes and times of an export's files. Raises `UnansweredError`."""
    digest = hashlib.sha256()
    try:
        for name, status in _files(path) if os.path.isdir(path) else [(path, os.stat(path))]:
            digest.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise _unreadable(error) from None
    return digest.hexdigest()


def read_export(path: str, damage: list[str]) -> Iterator[Record]:
    """Yield the records of an export. Raises `UnansweredError` if it is not one.

    Each record that cannot be read is skipped, and described in `damage`.
    """
    contents = _read_folder(path) if os.path.isdir(path) else _read_zip(path)
    try:
        for name, content in contents:
            try:
                if content is None:
                    raise InvalidRecordError("is too large for a record")
                yield parse_record(content)
            except InvalidRecordError as error:
                damage.append(f"{name} in it {error}")
    except OSError as error:
        raise _unreadable(error) from None


def _read_folder(folder: str) -> Iterator[tuple[str, bytes | None]]:
    """Yield the names and contents of JSON files; the content is None if it is too large."""
    for name, status in _files(folder):
        with open(name, "rb") as file:
            # NOTE: read(n) allocates n bytes, however small the file is.
            content = file.read(min(status.st_size, LARGEST_RECORD) + 1)
        yield os.path.relpath(name, folder), content if len(content) <= LARGEST_RECORD else None


def _read_zip(path: str) -> Iterator[tuple[str, bytes | None]]:
    """Yield the names and contents of JSON members; the content is None if it is too large."""
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                if member.filename.endswith(_SUFFIX):
                    yield member.filename, archive.read(member) if member.file_size <= LARGEST_RECORD else None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise UnansweredError(f"it is not a readable zip: {error}") from None


def _files(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    """Yield the JSON files in a folder and below it, in a fixed order."""
    with os.scandir(folder) as entries:
        listed = sorted(entries, key=lambda entry: entry.name)
    for entry in listed:
        if entry.is_dir():
            yield from _files(entry.path)
        elif entry.name.endswith(_SUFFIX):
            yield entry.path, entry.stat()


def _unreadable(error: OSError) -> UnansweredError:
    return UnansweredError(f"it cannot be read: {error.strerror or error}")
