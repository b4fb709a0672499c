"""Read the members of an archive, each once, and hash them."""

from __future__ import annotations

import hashlib
import mmap
import zlib
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from pip_guard.distributions.wheel.contents import Member
from pip_guard.distributions.wheel.zip_directory import STORED, MalformedArchiveError, Slot, read_data
from pip_guard.environment.files import record_hash

if TYPE_CHECKING:
    from concurrent.futures import Executor

SHA256 = "sha256"
# Bytes to unpack at a time: enough to be fast, too few to matter beside the memory that pip needs, or for an archive
# that claims to be small.
_PIECE = 64 << 10
_PIECE_UNPACKED = 256 << 10
# Bytes for which a thread is worth while.
_WORTH_A_THREAD = 4 << 20


class Reading(NamedTuple):
    """A member that was read, with its content if that is wanted, and its defect, if there is one."""

    member: Member
    content: bytes | None = None
    defect: str | None = None


def read_members(
    archive: memoryview,
    slots: list[Slot],
    *,
    algorithms: Mapping[str, str],
    keep: Collection[str],
    pool: Executor | None,
) -> list[Reading]:
    """Unpack and hash members; `algorithms` has those that are not sha256, and `keep` those whose content is wanted."""

    def read(part: list[Slot]) -> list[Reading]:
        return [_read(archive, slot, algorithms.get(slot.entry.name, SHA256), slot.entry.name in keep) for slot in part]

    # NOTE: unpacking and hashing let other threads run.
    parts = [read(slots)] if pool is None else pool.map(read, _divide(slots))
    return [reading for part in parts for reading in part]


def hash_archive(archive: memoryview) -> str:
    """Return the SHA-256 of a whole archive, in hexadecimal digits."""
    digest = hashlib.sha256()
    for at in range(0, len(archive), _PIECE_UNPACKED):
        digest.update(archive[at : at + _PIECE_UNPACKED])
        _release(archive)
    return digest.hexdigest()


def _release(archive: memoryview) -> None:
    """Release the memory of a mapped file that has been read; the system still caches it."""
    if isinstance(archive.obj, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        archive.obj.madvise(mmap.MADV_DONTNEED)


def _divide(slots: list[Slot]) -> list[list[Slot]]:
    """Divide members into parts that are worth a thread, the largest first."""
    parts: list[list[Slot]] = [[]]
    sizes = [0]
    for slot in slots:
        if sizes[-1] > _WORTH_A_THREAD:
            parts.append([])
            sizes.append(0)
        parts[-1].append(slot)
        sizes[-1] += slot.entry.size
    order = sorted(range(len(parts)), key=lambda number: -sizes[number])
    return [parts[number] for number in order]


def _read(archive: memoryview, slot: Slot, algorithm: str, keep: bool) -> Reading:
    entry = slot.entry
    digest = hashlib.new(algorithm)
    crc = size = 0
    kept = []
    try:
        for piece in _unpack(archive, slot):
            digest.update(piece)
            crc = zlib.crc32(piece, crc)
            size += len(piece)
            if keep:
                kept.append(bytes(piece))
            if size % _PIECE_UNPACKED < len(piece):
                _release(archive)
    except MalformedArchiveError as error:
        return Reading(Member(entry.name, entry.size, ""), defect=str(error))
    except zlib.error:
        return Reading(Member(entry.name, entry.size, ""), defect=f"{entry.name} cannot be unpacked")
    if (crc, size) != (entry.crc, entry.size):
        return Reading(Member(entry.name, entry.size, ""), defect=f"{entry.name} is not what its checksum says")
    member = Member(entry.name, size, record_hash(algorithm, digest.digest()))
    return Reading(member, content=b"".join(kept) if keep else None)


def _unpack(archive: memoryview, slot: Slot) -> Iterator[bytes | memoryview]:
    """Yield the content of a member, never more than one byte beyond what it claims to have."""
    data = read_data(archive, slot)
    if slot.entry.method == STORED:
        for at in range(0, len(data), _PIECE):
            yield data[at : at + _PIECE]
        return
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    left = slot.entry.size + 1
    for at in range(0, len(data), _PIECE):
        packed: bytes | memoryview = data[at : at + _PIECE]
        while left and not inflater.eof:
            piece = inflater.decompress(packed, min(left, _PIECE_UNPACKED))
            packed = inflater.unconsumed_tail
            left -= len(piece)
            yield piece
            # NOTE: what was taken in whole may have more to give, and gives it for nothing.
            if not piece and not packed:
                break
        if inflater.eof and at + _PIECE < len(data):
            break
    if not inflater.eof or inflater.unused_data or at + _PIECE < len(data):
        raise MalformedArchiveError(f"{slot.entry.name} does not end where its data end")
