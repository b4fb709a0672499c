"""Test that only an archive is accepted that every reader understands alike."""

from __future__ import annotations

import struct
import zipfile

import pytest

from pip_guard.distributions.wheel.zip_directory import (
    MalformedArchiveError,
    describe_type,
    read_data,
    read_directory,
)
from tests.unit.distributions.wheel.archives import CENTRAL, END, LOCAL, archive, directory, patched, streamed

MEMBERS = {"a.txt": b"first", "sub/b.txt": b"second" * 100}
GOOD = archive(MEMBERS)
STORED = archive(MEMBERS, method=zipfile.ZIP_STORED)
STREAMED = streamed(MEMBERS)
FIRST = 0
HEADER = LOCAL + len("a.txt")
FULL = 0xFFFFFFFF


def accept(content: bytes) -> list[str]:
    """Read an archive as far as its directory and headers go, and return the names."""
    view = memoryview(content)
    slots = read_directory(view)
    for slot in slots:
        read_data(view, slot)
    return [slot.entry.name for slot in slots]


def with_zip64_end(content: bytes, **changes: int) -> bytes:
    """Add the large form of the end to an archive, with the same values unless told otherwise."""
    count, size, start = struct.unpack_from("<HLL", content, len(content) - END + 10)
    values = {
        "rest": 44,
        "version": 45,
        "disk": 0,
        "first": 0,
        "here": count,
        "count": count,
        "size": size,
        "start": start,
    }
    values |= {name: value for name, value in changes.items() if name in values}
    at = changes.get("at", len(content) - END)
    end = struct.pack(
        "<4sQ2H2L4Q",
        b"PK\x06\x06",
        values["rest"],
        45,
        values["version"],
        values["disk"],
        values["first"],
        values["here"],
        values["count"],
        values["size"],
        values["start"],
    )
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, at, changes.get("disks", 1))
    return content[:-END] + end + locator + content[-END:]


def with_extra(content: bytes, *, local: bytes = b"", central: bytes = b"") -> bytes:
    """Put extra fields into both headers of an archive's only member."""
    start = directory(content)
    name = struct.unpack_from("<H", content, 26)[0]
    head = patched(content[: LOCAL + name], 28, "<H", len(local)) + local + content[LOCAL + name : start]
    entry = patched(content[start : start + CENTRAL + name], 30, "<H", len(central)) + central
    return head + entry + patched(content[-END:], 12, "<LL", len(entry), len(head))


def extra(kind: int, *values: int) -> bytes:
    return struct.pack(f"<2H{len(values)}Q", kind, 8 * len(values), *values)


def inserted(content: bytes, more: bytes) -> bytes:
    """Put data between the members of an archive and its directory."""
    start = directory(content)
    return content[:start] + more + patched(content[start:], -6, "<L", start + len(more))


def compressed(content: bytes) -> int:
    return int(struct.unpack_from("<L", content, 18)[0])


ONE = archive({"a.txt": b"first"})


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(GOOD, id="deflated"),
        pytest.param(STORED, id="stored"),
        pytest.param(STREAMED, id="sizes-behind-the-data"),
        pytest.param(with_zip64_end(GOOD), id="large-end"),
        pytest.param(patched(with_zip64_end(GOOD), -END + 8, "<HHLL", 0xFFFF, 0xFFFF, FULL, FULL), id="only-large-end"),
    ],
)
def test_reads_members_in_the_order_of_their_data(content: bytes) -> None:
    assert accept(content) == ["a.txt", "sub/b.txt"]


def test_reads_an_archive_without_members() -> None:
    assert accept(archive({})) == []


def test_reads_names_that_are_not_ascii() -> None:
    assert accept(archive({"über.txt": b""})) == ["über.txt"]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(with_extra(ONE, local=extra(1, 5, compressed(ONE))), id="sizes-stated-twice"),
        pytest.param(with_extra(ONE, local=extra(1)), id="reserved"),
        pytest.param(
            with_extra(patched(ONE, 18, "<LL", FULL, FULL), local=extra(1, 5, compressed(ONE))), id="large-header"
        ),
        pytest.param(
            with_extra(
                patched(ONE, directory(ONE) + 20, "<LL", FULL, FULL),
                central=extra(1, 5, compressed(ONE)),
            ),
            id="large-entry",
        ),
        pytest.param(with_extra(patched(ONE, directory(ONE) + 42, "<L", FULL), central=extra(1, 0)), id="large-offset"),
        pytest.param(with_extra(ONE, local=extra(0x5455, 1), central=extra(0x5455, 1)), id="time"),
    ],
)
def test_reads_extra_fields(content: bytes) -> None:
    assert accept(content) == ["a.txt"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(b"", "does not end where", id="empty"),
        pytest.param(b"PK", "does not end where", id="short"),
        pytest.param(GOOD[:-1], "does not end where", id="cut"),
        pytest.param(GOOD + b"\0", "does not end where", id="data-behind"),
        pytest.param(archive(MEMBERS, comment=b"hi"), "does not end where", id="comment"),
        pytest.param(patched(GOOD, -2, "<H", 1), "comment", id="comment-that-is-not-there"),
        pytest.param(patched(GOOD, -END + 4, "<H", 1), "several parts", id="second-part"),
        pytest.param(patched(GOOD, -END + 6, "<H", 1), "several parts", id="begins-in-another-part"),
        pytest.param(patched(GOOD, -END + 8, "<H", 1), "several parts", id="members-elsewhere"),
        pytest.param(b"#!/bin/sh\n" + GOOD, "not where it says", id="data-before"),
        pytest.param(patched(GOOD, -END + 16, "<L", 1), "not where it says", id="directory-elsewhere"),
        pytest.param(patched(GOOD, -END + 8, "<HH", 3, 3), "says that it has 3 members, and has 2", id="fewer-members"),
        pytest.param(patched(GOOD, -END + 8, "<HH", 1, 1), "says that it has 1 members, and has 2", id="more-members"),
        pytest.param(with_zip64_end(GOOD, count=3, here=3), "they differ", id="two-numbers"),
        pytest.param(with_zip64_end(GOOD, start=1), "they differ", id="two-directories"),
        pytest.param(with_zip64_end(GOOD, at=0), "its end is not where it says", id="large-end-elsewhere"),
        pytest.param(with_zip64_end(GOOD, rest=45), "form that is not known", id="longer-end"),
        pytest.param(with_zip64_end(GOOD, version=64), "form that is not known", id="newer-end"),
        pytest.param(with_zip64_end(GOOD, disk=1), "one of several parts", id="large-end-of-another-part"),
        pytest.param(with_zip64_end(GOOD, first=1), "one of several parts", id="large-end-begins-elsewhere"),
        pytest.param(with_zip64_end(GOOD, here=1), "one of several parts", id="large-end-members-elsewhere"),
        pytest.param(with_zip64_end(GOOD, disks=2), "one of several parts", id="two-parts"),
        pytest.param(patched(GOOD, directory(GOOD), "<4s", b"PK\x01\x03"), "breaks off", id="no-entry"),
        pytest.param(patched(GOOD, directory(GOOD) + 28, "<H", 9999), "breaks off", id="name-beyond-the-end"),
        pytest.param(patched(GOOD, directory(GOOD) + 32, "<H", 1), "not every reader", id="comment-of-a-member"),
        pytest.param(patched(GOOD, directory(GOOD) + 34, "<H", 1), "not every reader", id="member-of-another-part"),
        pytest.param(patched(GOOD, directory(GOOD) + 6, "<H", 64), "not every reader", id="newer-version"),
        pytest.param(patched(GOOD, directory(GOOD) + 8, "<H", 1), "not every reader", id="encrypted"),
        pytest.param(patched(GOOD, directory(GOOD) + 8, "<H", 0x2000), "not every reader", id="masked"),
        pytest.param(patched(GOOD, directory(GOOD) + 10, "<H", 12), "compressed in a way", id="bzip2"),
        pytest.param(patched(GOOD, directory(GOOD) + 42, "<L", 1), "before its first member", id="begins-late"),
        pytest.param(
            patched(GOOD, directory(GOOD) + CENTRAL + 5 + 42, "<L", 1 << 30),
            "behind its directory",
            id="beyond-the-end",
        ),
        pytest.param(patched(GOOD, -END + 12, "<LL", 10, len(GOOD) - END - 10), "breaks off", id="short-directory"),
        pytest.param(
            patched(GOOD, directory(GOOD) + CENTRAL, "<B", 0xFF), "not marked as UTF-8", id="unknown-encoding"
        ),
        pytest.param(
            patched(patched(GOOD, directory(GOOD) + CENTRAL, "<B", 0xFF), directory(GOOD) + 8, "<H", 0x800),
            "not marked as UTF-8, or is not",
            id="wrong-encoding",
        ),
        pytest.param(patched(GOOD, directory(GOOD) + 24, "<L", FULL), "another size", id="no-large-size"),
        pytest.param(patched(GOOD, FIRST, "<4s", b"PK\x03\x05"), "not the one that the directory", id="no-header"),
        pytest.param(patched(GOOD, FIRST + 4, "<H", 64), "not the one that the directory", id="newer-header"),
        pytest.param(patched(GOOD, FIRST + 6, "<H", 1), "not the one that the directory", id="encrypted-header"),
        pytest.param(patched(GOOD, FIRST + 8, "<H", 0), "not the one that the directory", id="stored-header"),
        pytest.param(patched(GOOD, LOCAL, "<B", ord("x")), "another name", id="other-name"),
        pytest.param(patched(GOOD, FIRST + 14, "<L", 1), "another size or checksum", id="other-checksum"),
        pytest.param(patched(GOOD, FIRST + 18, "<L", 1), "another size or checksum", id="other-compressed-size"),
        pytest.param(patched(GOOD, FIRST + 22, "<L", 1), "another size or checksum", id="other-size"),
        pytest.param(patched(GOOD, FIRST + 18, "<LL", FULL, FULL), "another size or checksum", id="large-size-missing"),
        pytest.param(patched(STREAMED, FIRST + 14, "<L", 1), "another size or checksum", id="streamed-checksum"),
        pytest.param(
            patched(STREAMED, HEADER + compressed(GOOD) + 4, "<L", 1), "stands between a.txt", id="descriptor"
        ),
        pytest.param(with_extra(ONE, central=b"\1"), "understand differently", id="broken-extra"),
        pytest.param(
            with_extra(ONE, central=struct.pack("<2H", 9, 4)), "understand differently", id="extra-beyond-end"
        ),
        pytest.param(with_extra(ONE, central=extra(9) * 2), "understand differently", id="extra-twice"),
        pytest.param(with_extra(ONE, central=extra(0x7075, 1)), "understand differently", id="second-name"),
        pytest.param(with_extra(ONE, local=extra(0x7075, 1)), "understand differently", id="second-name-in-header"),
        pytest.param(with_extra(ONE, central=extra(1, 5)), "contradict each other", id="large-size-for-nothing"),
        pytest.param(with_extra(ONE, local=extra(1, 6)), "another size", id="large-size-differs"),
        pytest.param(with_extra(ONE, local=extra(1, 5, 6)), "another size", id="large-compressed-size-differs"),
        pytest.param(
            with_extra(ONE, local=struct.pack("<2H4s", 1, 4, b"abcd")), "another size", id="large-size-is-short"
        ),
        pytest.param(ONE[:HEADER] + b"!" + ONE[HEADER:], "not where it says", id="shifted"),
        pytest.param(inserted(ONE, b"!"), "something stands between a.txt and", id="gap"),
        pytest.param(inserted(ONE, b"!" * 30), "something stands between a.txt and", id="large-gap"),
        pytest.param(
            patched(patched(ONE, 18, "<L", 99), directory(ONE) + 20, "<L", 99), "a.txt overlaps what", id="overlap"
        ),
    ],
)
def test_refuses_what_readers_disagree_about(content: bytes, problem: str) -> None:
    with pytest.raises(MalformedArchiveError, match=problem):
        accept(content)


def test_refuses_a_member_without_a_header() -> None:
    view = memoryview(ONE)
    (slot,) = read_directory(view)
    with pytest.raises(MalformedArchiveError, match=r"a\.txt has no header"):
        read_data(view, slot._replace(end=LOCAL - 1))


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        pytest.param(0, None, id="unknown"),
        pytest.param(0o100644, None, id="file"),
        pytest.param(0o40755, None, id="folder"),
        pytest.param(0o120777, "a symbolic link", id="link"),
        pytest.param(0o10644, "a special file", id="pipe"),
    ],
)
def test_describes_what_is_no_file(mode: int, kind: str | None) -> None:
    assert describe_type(mode) == kind
