"""Test that no wheel that was changed on purpose verifies, and that none makes the reader fail."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import struct
import zipfile
from collections.abc import Mapping

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from tests.kit.wheels import make_wheel
from tests.unit.distributions.wheel.archives import CENTRAL, END, LOCAL, archive, directory, patched, read

FOLDER = "demo-1.0.dist-info"
RECORD = f"{FOLDER}/RECORD"
GOOD = make_wheel(
    "demo",
    files={
        "demo/__init__.py": "X = 1\n",
        "demo/data.bin": bytes(range(256)),
        "demo/empty.py": "",
        "demo.pth": "demo\n",
    },
    entry_points={"console_scripts": {"tool": "demo:main"}},
)


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        return {info.filename: opened.read(info) for info in opened.infolist()}


MEMBERS = unpacked(GOOD.content)
LINES = MEMBERS[RECORD].splitlines(keepends=True)


def vouches_for(record: bytes, members: Mapping[str, bytes]) -> bool:
    """Tell whether a RECORD has the SHA-256 of each member but its own, and lists nothing else but folders of them."""
    rows = [row for row in csv.reader(record.decode().splitlines()) if row]
    folders = {f"{name.rpartition('/')[0]}/" for name in members}
    listed = {path: hash_ for path, hash_, _ in rows if path != RECORD and path not in folders}
    hashes = {
        name: "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        for name, content in members.items()
        if name != RECORD
    }
    return {path: hash_.rstrip("=") for path, hash_ in listed.items()} == hashes


# What a RECORD is made of, and what it is damaged with.
PIECES = st.sampled_from(
    [
        *(*LINES, b",", b"\n", b"\r", b'"', b"=", b"\0", b"\xff", b"a" * 99),
        *(b"sha256=", b"md5=d41d8cd98f00b204e9800998ecf8427e", b"DEMO/__init__.py,sha256=abc,6\n"),
        *(b"../x,,\n", b"demo/,,\n", b"/etc/passwd,,\n", b"demo/__init__.py,,\n"),
    ]
)
EDITS = st.lists(
    st.tuples(st.integers(0, len(MEMBERS[RECORD])), st.integers(0, 80), st.just(b"") | PIECES), min_size=1, max_size=4
)


@given(EDITS)
@example([(0, 0, LINES[0])])  # twice the same
def test_never_takes_a_wheel_for_right_that_its_record_does_not_vouch_for(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[int, int, bytes]]
) -> None:
    record = MEMBERS[RECORD]
    for at, size, more in edits:
        record = record[:at] + more + record[at + size :]
    contents = read(archive(MEMBERS | {RECORD: record}), tmp_path_factory.getbasetemp())
    assert contents.defects or vouches_for(record, MEMBERS)


@given(name=st.sampled_from(sorted(MEMBERS.keys() - {RECORD})), content=st.binary(max_size=300))
def test_never_takes_another_content_for_right(
    tmp_path_factory: pytest.TempPathFactory, name: str, content: bytes
) -> None:
    assume(content != MEMBERS[name])
    assert read(archive(MEMBERS | {name: content}), tmp_path_factory.getbasetemp()).defects


@given(left_out=st.sets(st.sampled_from(sorted(MEMBERS)), min_size=1))
def test_never_takes_a_wheel_for_right_that_lacks_something(
    tmp_path_factory: pytest.TempPathFactory, left_out: set[str]
) -> None:
    rest = {name: content for name, content in MEMBERS.items() if name not in left_out}
    assert read(archive(rest), tmp_path_factory.getbasetemp()).defects


@given(name=st.text(min_size=1, max_size=12) | st.sampled_from(["Demo.pth", "demo", "../demo.pth", f"{FOLDER}/x"]))
def test_never_takes_a_wheel_for_right_that_has_something_more(
    tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    try:
        content = archive(MEMBERS | {name: b"more"})
    except (ValueError, UnicodeEncodeError):  # zipfile does not write such a name
        return
    assume(unpacked(content) != MEMBERS)
    assert read(content, tmp_path_factory.getbasetemp()).defects


def headers(content: bytes) -> list[int]:
    """Return where each field of an archive's headers begins that has two bytes, or is half of one with four."""
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        local = [info.header_offset for info in opened.infolist()]
    central = []
    at = directory(content)
    while content[at : at + 4] == b"PK\x01\x02":
        central.append(at)
        name, extra, comment = struct.unpack_from("<3H", content, at + 28)
        at += CENTRAL + name + extra + comment
    spans = [*((at, LOCAL) for at in local), *((at, CENTRAL) for at in central), (len(content) - END, END)]
    return [at + field for at, size in spans for field in range(0, size - 1, 2)]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(headers(GOOD.content)),
            st.sampled_from([0, 1, 2, 8, 0x0800, 0x7FFF, 0xFFFF]) | st.integers(0, 0xFFFF),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_never_takes_a_wheel_for_right_whose_headers_lie(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]]
) -> None:
    content = GOOD.content
    for at, value in changes:
        content = patched(content, at, "<H", value)
    contents = read(content, tmp_path_factory.getbasetemp())
    # what is left are times, permissions, and what else no reader looks at
    assert contents.defects or unpacked(content) == MEMBERS
