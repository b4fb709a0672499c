"""Define what is known of a file, directory or repository before it is fetched, unpacked or built."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from pip_guard.facts.origin import Facts, Origin
from pip_guard.frozen import frozen


class CandidateKind(Enum):
    """The forms in which a distribution can reach pip."""

    WHEEL = "wheel"
    SOURCE_ARCHIVE = "source archive"
    DIRECTORY = "directory"
    VCS = "version control"


@frozen
class CandidateFacts(Facts):
    """One file, directory or repository that pip is about to fetch, unpack or build.

    A `direct` one was asked for by its address; else `index` is the index that listed it, None for find-links. Of the indexes
    in use, `offering_indexes` list the project, and `silent_indexes` could not be asked. A `pinned` one is asked for by its
    hash, to which pip holds it.
    """

    kind: CandidateKind
    url: str
    filename: str
    origin: Origin
    project: str | None = None
    version: str | None = None
    hashes: frozenset[str] = frozenset()
    editable: bool = False
    named_on_command_line: bool = False
    pinned: bool = False
    direct: bool = False
    index: str | None = None
    offering_indexes: frozenset[str] = frozenset()
    silent_indexes: frozenset[str] = frozenset()


@frozen
class HiddenSdistFacts(Facts):
    """A requirement that nothing satisfies, and the source distributions that were hidden from pip, the newest last.

    `version` is that of the newest.
    """

    requirement: str
    project: str
    files: tuple[str, ...]
    origin: Origin
    version: str | None = None


@frozen
class OtherIndexFacts(Facts):
    """A requirement that only files on `indexes` satisfy, which were left aside because the project is pinned to another index.

    `asked` are all indexes in use, and `silent_indexes` those that did not answer.
    """

    requirement: str
    project: str
    origin: Origin
    indexes: frozenset[str]
    asked: frozenset[str]
    silent_indexes: frozenset[str] = frozenset()


@frozen
class ReleaseFacts(Facts):
    """A file that pip is about to use, with its upload time as the index gives it."""

    project: str
    version: str | None
    filename: str
    uploaded: datetime
    now: datetime
    origin: Origin


@frozen
class TooNewFile:
    """A file that was hidden from pip because it is too new."""

    filename: str
    version: str
    uploaded: datetime


@frozen
class TooNewFacts(Facts):
    """A requirement that only files that are too new satisfy, which were hidden from pip."""

    requirement: str
    project: str
    files: tuple[TooNewFile, ...]
    now: datetime
    origin: Origin


@frozen
class ProcessFacts(Facts):
    """A program that pip was about to start while nothing may be built."""

    program: str
