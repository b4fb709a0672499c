"""Compare the members of a wheel with its RECORD.

The form is that of https://packaging.python.org/en/latest/specifications/binary-distribution-format/.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pip_guard.distributions.wheel.contents import Member
from pip_guard.distributions.wheel.member_names import SortedNames
from pip_guard.environment.files import record_hash

STRONG = frozenset({"sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512", "blake2b", "blake2s"})
_HEXADECIMAL = {"sha256": 64, "sha384": 96, "sha512": 128}
# The files that RECORD cannot list, or only without a hash: itself and its signatures.
UNHASHED = ("RECORD", "RECORD.jws", "RECORD.p7s")
_HASH = re.compile(r"(?P<algorithm>[a-z0-9_]+)=(?P<digest>[A-Za-z0-9_-]+)=*")


class Row(NamedTuple):
    """One row of RECORD; the hash is without the padding that some tools write."""

    path: str
    hash: str
    size: str

    @property
    def algorithm(self) -> str:
        """The name of the algorithm, empty if there is no hash that could be read."""
        return self.hash.partition("=")[0]


class UnreadableRecordError(Exception):
    """RECORD is invalid; the message says why."""


def parse_record(content: bytes) -> tuple[Row, ...]:
    """Parse RECORD, line by line as pip does. Raises `UnreadableRecordError`."""
    try:
        rows = [row for row in csv.reader(content.decode("utf-8").splitlines()) if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableRecordError(f"its RECORD cannot be read: {error}") from error
    if any(len(row) != 3 for row in rows):
        raise UnreadableRecordError("its RECORD has lines that are not a path, a hash and a size")
    return tuple(Row(path, _parse_hash(text), size) for path, text, size in rows)


def algorithms(rows: Iterable[Row]) -> dict[str, str]:
    """Return the algorithm of each file that is hashed by another than sha256, if it is a strong one."""
    return {row.path: row.algorithm for row in rows if row.algorithm in STRONG and row.algorithm != "sha256"}


def compare(members: Iterable[Member], rows: Iterable[Row], dist_info: str) -> Iterator[str]:
    """Say how members and RECORD differ; members that could not be read are left out."""
    unhashed = {f"{dist_info}/{name}" for name in UNHASHED}
    listed: dict[str, Row] = {}
    for row in rows:
        if listed.setdefault(row.path, row) != row:
            yield f"RECORD lists {row.path} twice, and differently"
    found = set()
    for member in members:
        found.add(member.name)
        # NOTE: the common case first, and cheaply: a wheel can have tens of thousands of members.
        known = listed.get(member.name)
        if known is None:
            if member.name not in unhashed:
                yield f"RECORD does not list {member.name}"
        elif member.hash and (known.hash != member.hash or known.size != str(member.size)):
            yield from _difference(member, known, optional=member.name in unhashed)
    missing = [path for path in listed if path not in found and path not in unhashed]
    # NOTE: on uninstallation, pip removes a listed folder with everything in it, including files of other distributions.
    folders = SortedNames(found if any(path.endswith("/") for path in missing) else ())
    for path in missing:
        if not (path.endswith("/") and folders.has_below(path)):
            yield f"RECORD lists {path}, which is not there"


def _difference(member: Member, row: Row, *, optional: bool) -> Iterator[str]:
    if row.size not in ("", str(member.size)):
        yield f"{member.name} has {member.size} bytes, and {row.size} by RECORD"
    if not row.hash:
        if not optional:
            yield f"RECORD has no hash of {member.name} that can be read"
    elif row.algorithm not in STRONG:
        yield f"RECORD has only a weak hash of {member.name}, {row.algorithm}"
    elif row.hash != member.hash:
        yield f"{member.name} has another content than RECORD says"


def _parse_hash(text: str) -> str:
    match = _HASH.fullmatch(text)
    if match is None:
        return ""
    algorithm, digest = match["algorithm"], match["digest"]
    # NOTE: some tools write hexadecimal digits, which are longer than the same digest in base64.
    if len(digest) == _HEXADECIMAL.get(algorithm) and all(digit in "0123456789abcdefABCDEF" for digit in digest):
        return record_hash(algorithm, bytes.fromhex(digest))
    return f"{algorithm}={digest}"
