"""Define the contents of a wheel."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import NamedTuple

from pip_guard.frozen import frozen


class Scheme(Enum):
    """The folders that pip installs files of a wheel into, by pip's own names."""

    PURELIB = "purelib"
    PLATLIB = "platlib"
    HEADERS = "headers"
    SCRIPTS = "scripts"
    DATA = "data"


class Member(NamedTuple):
    """One file of a wheel. A wheel can have tens of thousands, hence no dataclass.

    `hash` is in the notation of RECORD, empty if the file could not be read.
    """

    name: str
    size: int
    hash: str


class PlacedFile(NamedTuple):
    """A file where pip puts it: in which folder, and where there. What pip makes itself is no `member`."""

    scheme: Scheme
    path: str
    member: Member | None = None


@frozen
class WheelContents:
    """A wheel file: what its name says, its members, and what would be installed.

    `defects` say, each in the words that follow the name of the file, what makes it differ from its RECORD or from what every
    installer understands alike. `texts` has the contents of those members that rules look into.
    """

    filename: str
    name: str
    version: str = ""
    sha256: str = ""
    files: tuple[PlacedFile, ...] = ()
    texts: Mapping[str, bytes] = MappingProxyType({})
    defects: tuple[str, ...] = ()
