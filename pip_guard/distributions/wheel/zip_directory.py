"""Read the directory of a zip archive, and accept only one that every reader understands alike.

What is left out is what readers disagree about: data before, between and after the members, comments, fields that say the
same thing twice and differently. The form is that of https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT.
"""

from __future__ import annotations

import stat
import struct
from collections.abc import Iterator
from typing import NamedTuple

STORED = 0
DEFLATED = 8

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64 = struct.Struct("<4sLQL")
_EXTRA = struct.Struct("<2H")

_END64_REST = 44  # what the record says of its own size, without the twelve bytes up to there
_FULL16 = 0xFFFF
_FULL32 = 0xFFFFFFFF
_ZIP64 = 0x0001
_UNICODE_PATH = 0x7075
_UTF8 = 0x0800
_DESCRIPTOR = 0x0008
# Bits 1 and 2 are the compression level. All others mean encryption, patches and other features that few readers support.
_KNOWN_FLAGS = _UTF8 | _DESCRIPTOR | 0x0006
_NEWEST_VERSION = 63
_SIGNATURE = b"PK\x07\x08"
_LONGEST_DESCRIPTOR = 24


class MalformedArchiveError(Exception):
    """The archive is not one that every reader understands alike; the message says why."""


class Entry(NamedTuple):
    """One entry of the directory. A wheel can have tens of thousands, hence no dataclass."""

    name: str
    raw_name: bytes
    flags: int
    method: int
    crc: int
    size: int
    compressed_size: int
    offset: int
    mode: int


class Slot(NamedTuple):
    """A member, and the offset of what follows it."""

    entry: Entry
    end: int


def read_directory(archive: memoryview) -> list[Slot]:
    """Return the members in the order in which their data follow each other. Raises `MalformedArchiveError`."""
    count, start, size = _find_directory(archive)
    entries = list(_read_entries(archive[start : start + size]))
    if len(entries) != count:
        raise MalformedArchiveError(f"it says that it has {count} members, and has {len(entries)}")
    entries.sort(key=lambda entry: entry.offset)
    starts = [*(entry.offset for entry in entries), start]
    if starts[0] != 0:
        raise MalformedArchiveError("something stands before its first member")
    if max(starts) > start:
        raise MalformedArchiveError("it has members behind its directory")
    return [Slot(entry, end) for entry, end in zip(entries, starts[1:], strict=True)]


def read_data(archive: memoryview, slot: Slot) -> memoryview:
    """Return the data of a member as they are stored.

    Raises `MalformedArchiveError` if what stands before or after the data is not what the directory says.
    """
    entry, end = slot
    start = entry.offset + _LOCAL.size
    if start > end:
        raise MalformedArchiveError(f"{entry.name} has no header")
    signature, version, flags, method, _, _, crc, compressed, size, name_length, extra_length = _LOCAL.unpack_from(
        archive, entry.offset
    )
    extra = archive[start + name_length : start + name_length + extra_length]
    if (signature, flags, method) != (b"PK\x03\x04", entry.flags, entry.method) or version & 0xFF > _NEWEST_VERSION:
        raise MalformedArchiveError(f"the header of {entry.name} is not the one that the directory tells of")
    if archive[start : start + name_length] != entry.raw_name:
        raise MalformedArchiveError(f"the header of {entry.name} has another name")
    if not _agree(entry, (crc, compressed, size), extra):
        raise MalformedArchiveError(f"the header of {entry.name} has another size or checksum")
    start += name_length + extra_length
    stop = start + entry.compressed_size
    if stop > end:
        raise MalformedArchiveError(f"{entry.name} overlaps what follows it")
    if end - stop > _LONGEST_DESCRIPTOR or bytes(archive[stop:end]) not in _descriptors(entry):
        raise MalformedArchiveError(f"something stands between {entry.name} and what follows it")
    return archive[start:stop]


def _find_directory(archive: memoryview) -> tuple[int, int, int]:
    """Return the number of members, and where the directory begins and how long it is."""
    at = len(archive) - _END.size
    if at < 0 or bytes(archive[at : at + 4]) != b"PK\x05\x06":
        raise MalformedArchiveError("it does not end where a zip archive without a comment ends")
    _, disk, first_disk, here, count, size, start, comment = _END.unpack_from(archive, at)
    if comment or disk or first_disk or here != count:
        raise MalformedArchiveError("it has a comment, or is one of several parts")
    locator = at - _LOCATOR64.size
    if locator >= 0 and bytes(archive[locator : locator + 4]) == b"PK\x06\x07":
        at, large = _find_directory64(archive, locator)
        for short, full, long in zip((count, size, start), (_FULL16, _FULL32, _FULL32), large, strict=True):
            if short not in (full, long):
                raise MalformedArchiveError("it has two ends, and they differ")
        count, size, start = large
    if start + size != at:
        raise MalformedArchiveError("its directory is not where it says")
    return count, start, size


def _find_directory64(archive: memoryview, locator: int) -> tuple[int, tuple[int, int, int]]:
    """Return where the large form of the end begins, and the number, the size and the start that it states."""
    _, disk, at, disks = _LOCATOR64.unpack_from(archive, locator)
    if at + _END64.size != locator:
        raise MalformedArchiveError("its end is not where it says")
    signature, rest, _, version, own, first, here, count, size, start = _END64.unpack_from(archive, at)
    if (signature, rest) != (b"PK\x06\x06", _END64_REST) or version & 0xFF > _NEWEST_VERSION:
        raise MalformedArchiveError("its end has a form that is not known")
    if disk or own or first or disks > 1 or here != count:
        raise MalformedArchiveError("it is one of several parts")
    return at, (count, size, start)


def _read_entries(directory: memoryview) -> Iterator[Entry]:
    at = 0
    while at < len(directory):
        if at + _CENTRAL.size > len(directory):
            raise MalformedArchiveError("its directory breaks off")
        fields = _CENTRAL.unpack_from(directory, at)
        signature, _, version, flags, method, _, _, crc, compressed, size, name_length, extra_length = fields[:12]
        comment, disk, _, attributes, offset = fields[12:]
        at += _CENTRAL.size
        raw_name = bytes(directory[at : at + name_length])
        extra = directory[at + name_length : at + name_length + extra_length]
        at += name_length + extra_length
        if signature != b"PK\x01\x02" or at > len(directory):
            raise MalformedArchiveError("its directory breaks off")
        name = _decode(raw_name, flags)
        if comment or disk or version & 0xFF > _NEWEST_VERSION or flags & ~_KNOWN_FLAGS:
            raise MalformedArchiveError(f"{name} is encrypted, or stored in a way that not every reader knows")
        if method not in (STORED, DEFLATED):
            raise MalformedArchiveError(f"{name} is compressed in a way that not every reader knows")
        if extra:
            size, compressed, offset = _large(extra, size, compressed, offset, name)
        yield Entry(name, raw_name, flags, method, crc, size, compressed, offset, attributes >> 16)


def _decode(raw_name: bytes, flags: int) -> str:
    try:
        return raw_name.decode("utf-8" if flags & _UTF8 else "ascii")
    except UnicodeDecodeError as error:
        raise MalformedArchiveError(f"the name {raw_name!r} is not marked as UTF-8, or is not") from error


def _large(extra: memoryview, size: int, compressed: int, offset: int, name: str) -> tuple[int, int, int]:
    """Return the sizes and the place of a member, from the extra field where they need more than four bytes."""
    content = _fields(extra, name).get(_ZIP64, memoryview(b""))
    values = [size, compressed, offset]
    missing = [index for index, value in enumerate(values) if value == _FULL32]
    if len(content) != 8 * len(missing):
        raise MalformedArchiveError(f"{name} has sizes that contradict each other")
    for index, (value,) in zip(missing, struct.iter_unpack("<Q", content), strict=True):
        values[index] = value
    return values[0], values[1], values[2]


def _fields(extra: memoryview, name: str) -> dict[int, memoryview]:
    """Return the extra fields of a member by their kind."""
    fields = {}
    at = 0
    while at < len(extra):
        content = at + _EXTRA.size
        kind, length = _EXTRA.unpack_from(extra, at) if content <= len(extra) else (_UNICODE_PATH, 0)
        at = content + length
        if at > len(extra) or kind in fields or kind == _UNICODE_PATH:
            raise MalformedArchiveError(f"{name} has extra fields that readers understand differently")
        fields[kind] = extra[content:at]
    return fields


def _agree(entry: Entry, stated: tuple[int, int, int], extra: memoryview) -> bool:
    """Tell whether the header before the data states what the directory does, or leaves it to the descriptor after them."""
    wanted = (entry.crc, entry.compressed_size, entry.size)
    large = _fields(extra, entry.name).get(_ZIP64, memoryview(b"")) if extra else memoryview(b"")
    if len(large) % 8:
        return False
    of_extra = [value for (value,) in struct.iter_unpack("<Q", large)]
    if entry.flags & _DESCRIPTOR:
        return all(value in (0, _FULL32, fit) for value, fit in zip(stated, wanted, strict=True)) and not any(of_extra)
    if stated[1] == _FULL32 or stated[2] == _FULL32:
        stated = (stated[0], *(of_extra[1::-1] if len(of_extra) > 1 else stated[1:]))
    return stated == wanted and of_extra in ([], [entry.size], [entry.size, entry.compressed_size])


def _descriptors(entry: Entry) -> tuple[bytes, ...]:
    """Return what may stand between the data of a member and the next one."""
    if not entry.flags & _DESCRIPTOR:
        return (b"",)
    values = (entry.crc, entry.compressed_size, entry.size)
    forms = ["<3L", "<L2Q"] if max(values) <= _FULL32 else ["<L2Q"]
    plain = [struct.pack(form, *values) for form in forms]
    return (*plain, *(_SIGNATURE + descriptor for descriptor in plain))


def describe_type(mode: int) -> str | None:
    """Say what a member's mode makes of it if that is neither a file nor a folder."""
    kind = stat.S_IFMT(mode)
    if kind in (0, stat.S_IFREG, stat.S_IFDIR):
        return None
    return "a symbolic link" if kind == stat.S_IFLNK else "a special file"
