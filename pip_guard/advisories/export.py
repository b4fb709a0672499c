"""Read a local export of advisories: a zip, as OSV publishes it for each ecosystem, or a folder, one JSON file a record."""

from __future__ import annotations

import hashlib
import os
import zipfile
import zlib
from collections.abc import Iterator

from pip_guard.advisories.interface import UnansweredError
from pip_guard.advisories.records import InvalidRecordError, Record, parse_record

_SUFFIX = ".json"
# The largest records list thousands of versions, and stay far below this.
LARGEST_RECORD = 16 * 1024 * 1024


def fingerprint(path: str) -> str:
    """Return a text that changes whenever an export does. Raises `UnansweredError`."""
    digest = hashlib.sha256()
    try:
        for name, status in _files(path) if os.path.isdir(path) else [(path, os.stat(path))]:
            digest.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise _unreadable(error) from None
    return digest.hexdigest()


def read_export(path: str, damage: list[str]) -> Iterator[Record]:
    """Read the records of an export. Raises `UnansweredError` for what is none.

    What is wrong with a record that cannot be read is added to `damage`: one that is left out is not missed.
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
    """Yield the files that may be records, with their contents unless these are too large."""
    for name, status in _files(folder):
        with open(name, "rb") as file:
            # NOTE: to read so many bytes, Python takes that much memory, however small the file is.
            content = file.read(min(status.st_size, LARGEST_RECORD) + 1)
        yield os.path.relpath(name, folder), content if len(content) <= LARGEST_RECORD else None


def _read_zip(path: str) -> Iterator[tuple[str, bytes | None]]:
    """Yield the members that may be records, with their contents unless these are too large."""
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                if member.filename.endswith(_SUFFIX):
                    yield member.filename, archive.read(member) if member.file_size <= LARGEST_RECORD else None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise UnansweredError(f"it is no zip that can be read: {error}") from None


def _files(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    """Return the records in a folder and below it, in a fixed order."""
    with os.scandir(folder) as entries:
        listed = sorted(entries, key=lambda entry: entry.name)
    for entry in listed:
        if entry.is_dir():
            yield from _files(entry.path)
        elif entry.name.endswith(_SUFFIX):
            yield entry.path, entry.stat()


def _unreadable(error: OSError) -> UnansweredError:
    return UnansweredError(f"it cannot be read: {error.strerror or error}")
