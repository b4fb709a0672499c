"""Define what is known of the releases that the resolver has chosen."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum

from pip_guard.facts.origin import Facts, Origin
from pip_guard.frozen import frozen


@frozen
class NoUploadTimeFacts(Facts):
    """An index, a lock file, or the URL of a file, for which no upload times are known."""

    index: str


@frozen
class Advisory:
    """What an advisory database says about one release.

    `fixed` are the later versions that fix it, the lowest first; `aliases` its ids in other databases.
    """

    id: str
    malicious: bool
    summary: str = ""
    aliases: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()


@frozen
class AdvisoryFacts(Facts):
    """A release that is about to be installed, or is, and the advisories about it."""

    project: str
    version: str
    origin: Origin
    advisories: tuple[Advisory, ...]
    hashes: frozenset[str] = frozenset()


@frozen
class SourceFailedFacts(Facts):
    """An advisory source that failed to answer about some releases; `kept` is the age of the oldest cached answer that is used instead."""

    source: str
    reason: str
    releases: tuple[str, ...]
    kept: timedelta | None = None


@frozen
class NotQueriedFacts(Facts):
    """An index whose projects are not looked up, because the policy does not say whether their names are public."""

    place: str


@frozen
class ExportFacts(Facts):
    """A local export of advisories, and the age of its newest record."""

    source: str
    age: timedelta


class ProjectStatus(Enum):
    """The states that an index can give a project (PEP 792)."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    DEPRECATED = "deprecated"
    QUARANTINED = "quarantined"


@frozen
class StatusFacts(Facts):
    """What an index says of a project, and of a file that pip is about to take from it, if there is one.

    `yanked` and `reason` are None unless it is so, and empty where the index gives no reason.
    """

    project: str
    origin: Origin
    status: ProjectStatus = ProjectStatus.ACTIVE
    reason: str | None = None
    version: str | None = None
    yanked: str | None = None
    hashes: frozenset[str] = frozenset()


@frozen
class ProjectHistoryFacts(Facts):
    """A project of which pip is about to take a file, since when its index has had files of it, and of how many releases.

    `installed` if any version of it is, where the command installs.
    """

    project: str
    version: str
    origin: Origin
    first_upload: datetime
    releases: int
    now: datetime
    installed: bool = False
    hashes: frozenset[str] = frozenset()


@frozen
class ListedFile:
    """A file on the page of a project, and whether its index has provenance for it (PEP 740).

    Where a project maintains several major versions, `line` tells them apart; `platform` is ``sdist``, or what a wheel is for,
    without versions.
    """

    filename: str
    version: str
    uploaded: datetime
    attested: bool
    is_prerelease: bool = False
    line: tuple[int, int] = (0, 0)
    platform: str = "any"
    yanked: bool = False


@frozen
class ProvenanceFacts(Facts):
    """A file that pip is about to take, and all files of its project, of which some have provenance."""

    project: str
    file: ListedFile
    files: tuple[ListedFile, ...]
    origin: Origin
    now: datetime
    hashes: frozenset[str] = frozenset()


@frozen
class PublisherFacts(Facts):
    """A file whose publisher the policy names, and the publishers that the provenance on its index states (PEP 740).

    Those are in the notation of the policy (``github:owner/repository``). There are none where the index has no provenance for the
    file; `problem` says why it is not known whether it has.
    """

    project: str
    version: str | None
    filename: str
    origin: Origin
    publishers: tuple[str, ...] = ()
    problem: str | None = None
    hashes: frozenset[str] = frozenset()


@frozen
class ChosenFile:
    """A file that a command uses, as far as is known, for the journal; no rule checks it.

    `for_build` if only the build of something else needs it.
    """

    project: str
    version: str | None
    filename: str
    url: str
    hashes: frozenset[str] = frozenset()
    size: int | None = None
    for_build: bool = False
