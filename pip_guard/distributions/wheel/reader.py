"""Read a wheel file, in one pass."""

from __future__ import annotations

import mmap
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from pip_guard.distributions.wheel.contents import Member, PlacedFile, Scheme, WheelContents
from pip_guard.distributions.wheel.member_names import check_bounds, check_names
from pip_guard.distributions.wheel.members import hash_archive, read_members
from pip_guard.distributions.wheel.metadata import (
    DIST_INFO,
    Identity,
    check_identity,
    find_dist_info,
    is_purelib,
    parse_filename,
    script_names,
)
from pip_guard.distributions.wheel.namespace import LARGEST
from pip_guard.distributions.wheel.placement import check_places, place
from pip_guard.distributions.wheel.record import Row, UnreadableRecordError, algorithms, compare, parse_record
from pip_guard.distributions.wheel.zip_directory import MalformedArchiveError, Slot, describe_type, read_directory
from pip_guard.distributions.wheel.zip_fallback import read_as_pip

if TYPE_CHECKING:
    from concurrent.futures import Executor

# The suffixes of files that the interpreter looks for in its library when it starts.
STARTUP_SUFFIXES = (".pth", ".start")
# In bytes; the largest of 967 wheels of popular projects has 574.
_LARGEST_STARTUP_FILE = 64 << 10
# The files of .dist-info that say what a wheel is, and the most bytes that each can have: many times of what any genuine one has.
_OWN_FILES = {"METADATA": 4 << 20, "RECORD": 16 << 20, "WHEEL": 64 << 10, "entry_points.txt": 256 << 10}
_LARGEST_SETTINGS = 64 << 10
_SETTINGS = re.compile(r"[^/]+\.data/data/etc/jupyter/.+\.json")
# The limits of pypi.org: https://github.com/pypi/warehouse/blob/main/warehouse/forklift/legacy.py
_SUSPICIOUS_SIZE = 64 << 20
_SUSPICIOUS_RATIO = 50
_LARGEST_WHEEL = 16 << 30
_MOST_MEMBERS = 100_000
# The depth of packages whose `__init__.py` several projects may bring.
_NAMESPACE_DEPTH = 2
# In bytes: what is smaller is read at once, and not worth threads.
_SMALL_FILE = 4 << 20
_MOST_THREADS = 8
# A script name that would lead out of the folder of commands on some system.
_PATH = re.compile(r"[/\\:]|^\.{0,2}$")


class _Archive(NamedTuple):
    """The members of an archive, before they are interpreted."""

    dist_info: str
    members: list[Member]
    texts: dict[str, bytes]
    defects: list[str]


def read_wheel(path: str, filename: str) -> WheelContents:
    """Read a wheel file; `filename` is the name that pip goes by. What cannot be read is a defect; raises `OSError` if it is not a file."""
    with open(path, "rb") as file:
        if os.fstat(file.fileno()).st_size <= _SMALL_FILE:
            return _read(filename, memoryview(file.read()), None)
        from concurrent.futures import ThreadPoolExecutor

        with (
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
            memoryview(mapped) as archive,
            ThreadPoolExecutor(min(_MOST_THREADS, os.cpu_count() or 1)) as pool,
        ):
            return _read(filename, archive, pool)


def _read(filename: str, archive: memoryview, pool: Executor | None) -> WheelContents:
    digest = None if pool is None else pool.submit(hash_archive, archive)
    try:
        slots = read_directory(archive)
    except MalformedArchiveError as error:
        read = _read_leniently(archive, f"it is no zip archive that all readers understand alike: {error}")
    else:
        read = _read_strictly(archive, slots, pool)
    identity = parse_filename(filename)
    own = {name: read.texts.get(f"{read.dist_info}/{name}", b"") for name in _OWN_FILES}
    files, misplaced = _place(read.members, own)
    return WheelContents(
        filename=filename,
        name="" if identity is None else identity.name,
        version="" if identity is None else identity.version,
        sha256=hash_archive(archive) if digest is None else digest.result(),
        files=files,
        texts={name: text for name, text in read.texts.items() if _limit_of_text(name) is not None},
        defects=(*read.defects, *_check_identity(read, identity), *misplaced),
    )


def _read_leniently(archive: memoryview, defect: str) -> _Archive:
    members, texts = read_as_pip(archive, _is_wanted)
    members = [member for member in members if not member.name.endswith("/")]
    return _Archive(_dist_info(member.name for member in members), members, texts, [defect])


def _read_strictly(archive: memoryview, slots: list[Slot], pool: Executor | None) -> _Archive:
    """Read the metadata first, and then the rest, which is hashed by the algorithms in RECORD."""
    dist_info = _dist_info(slot.entry.name for slot in slots)
    names_in_order = [slot.entry.name for slot in slots]
    read = _Archive(
        dist_info, [], {}, [*check_bounds(names_in_order), *check_names(names_in_order), *_check_entries(slots)]
    )
    wanted = Counter(slot.entry.name for slot in slots if _is_wanted(slot.entry.name, slot.entry.size))
    # NOTE: of two members of one name it is hard to say which pip would take.
    names = {name for name, count in wanted.items() if count == 1}
    own = {name for name in names if _limit_of_text(name) is None}
    _add(read, archive, [slot for slot in slots if slot.entry.name in own], {}, own, None)
    rows = _record(read)
    if _is_bomb(archive, slots):
        read.defects.append("it has more members, or unpacks to far more, than any wheel does")
        read.members.extend(
            Member(slot.entry.name, slot.entry.size, "") for slot in slots if slot.entry.name not in own
        )
        return read
    rest = [slot for slot in slots if slot.entry.name not in own]
    _add(read, archive, rest, algorithms(rows or ()), names, pool)
    if rows is not None:
        read.defects.extend(compare(read.members, rows, dist_info))
    return read


def _add(
    read: _Archive,
    archive: memoryview,
    slots: list[Slot],
    algorithms: dict[str, str],
    keep: set[str],
    pool: Executor | None,
) -> None:
    for reading in read_members(archive, slots, algorithms=algorithms, keep=keep, pool=pool):
        if not reading.member.name.endswith("/"):
            read.members.append(reading.member)
        if reading.content is not None:
            read.texts[reading.member.name] = reading.content
        if reading.defect is not None:
            read.defects.append(reading.defect)


def _check_entries(slots: list[Slot]) -> Iterator[str]:
    """Say which members are neither files nor empty folders."""
    for entry, _ in slots:
        if kind := describe_type(entry.mode):
            yield f"{entry.name} is {kind}"
        if entry.size and entry.name.endswith("/"):
            yield f"the folder {entry.name} has a content"
        if (limit := _limit_of_own(entry.name)) is not None and entry.size > limit:
            yield f"{entry.name} is larger than any genuine one, and is not read"


def _record(read: _Archive) -> tuple[Row, ...] | None:
    """Return the rows of RECORD, or None if it cannot be read, which is a defect."""
    content = read.texts.get(f"{read.dist_info}/RECORD")
    if content is None:
        read.defects.append("it has no RECORD that can be read")
        return None
    try:
        return parse_record(content)
    except UnreadableRecordError as error:
        read.defects.append(str(error))
        return None


def _dist_info(names: Iterable[str]) -> str:
    """Return the .dist-info folder, or an empty string unless there is exactly one."""
    found = find_dist_info(names)
    return found[0] if len(found) == 1 else ""


def _check_identity(read: _Archive, identity: Identity | None) -> Iterator[str]:
    if identity is None:
        yield "its file name is not that of a wheel"
    elif not read.dist_info:
        yield "it does not have one .dist-info folder"
    else:
        yield from check_identity(identity, read.dist_info, read.texts.get(f"{read.dist_info}/METADATA"))


def _place(members: list[Member], own: dict[str, bytes]) -> tuple[tuple[PlacedFile, ...], list[str]]:
    """Return where pip would put the files, and the defects of that."""
    console, gui = script_names(own["entry_points.txt"])
    root = Scheme.PURELIB if is_purelib(own["WHEEL"]) else Scheme.PLATLIB
    files = []
    misplaced = []
    for placed in place(members, root, console, gui):
        if isinstance(placed, PlacedFile):
            files.append(placed)
        else:
            misplaced.append(f"{placed} is in no folder that pip knows")
    misplaced.extend(f"the name of its script {name!r} is a path" for name in (*console, *gui) if _PATH.search(name))
    misplaced.extend(check_places(files))
    return tuple(files), misplaced


def _is_bomb(archive: memoryview, slots: list[Slot]) -> bool:
    size = sum(slot.entry.size for slot in slots)
    if size > _LARGEST_WHEEL or len(slots) > _MOST_MEMBERS:
        return True
    return size > _SUSPICIOUS_SIZE and size > _SUSPICIOUS_RATIO * len(archive)


def _is_wanted(name: str, size: int) -> bool:
    """Tell whether the content of a member is needed."""
    limit = _limit_of_text(name) or _limit_of_own(name)
    return limit is not None and size <= limit


def _limit_of_own(name: str) -> int | None:
    """Return how large a file of .dist-info can be that says what the wheel is, or None if this is another file."""
    folder, _, own = name.partition("/")
    return _OWN_FILES.get(own) if folder.endswith(DIST_INFO) else None


def _limit_of_text(name: str) -> int | None:
    """Return how large a file can be that rules look into, or None if this is another file."""
    if name.lower().endswith(STARTUP_SUFFIXES):
        return _LARGEST_STARTUP_FILE
    if name.endswith("/__init__.py") and name.count("/") <= _NAMESPACE_DEPTH:
        return LARGEST
    return _LARGEST_SETTINGS if _SETTINGS.fullmatch(name) else None
