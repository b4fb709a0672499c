"""Define what the rules may know: frozen facts, one type a stage, and where each value came from.

This is one list, and a long one: nothing here does anything, and whoever writes a rule finds in one place what there is to know.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum
from typing import ClassVar

from pip_guard.frozen import frozen


class Stage(Enum):
    """Name the moments of a command at which rules are asked, in their order."""

    START = "start"
    COMMAND = "command"
    REQUIREMENTS = "requirements"
    FETCH = "fetch"
    CANDIDATE = "candidate"
    RESOLUTION = "resolution"
    WHEEL = "wheel"
    INSTALLED = "installed"


class OriginKind(Enum):
    """Name the kinds of place from which a value can come."""

    DEFAULT = "default"
    ARGUMENT = "argument"
    COMMAND_LINE = "command line"
    ENVIRONMENT = "environment variable"
    CONFIGURATION = "configuration file"
    FILE_OPTION = "option in a requirements file"
    REQUIREMENTS = "requirements file"
    GROUP = "dependency group"
    SCRIPT = "script"
    LOCK = "lock file"
    DEPENDENCY = "dependency"
    PLACE = "place on disk"


# The kinds whose places ask for a distribution; in the others, an option gets its value.
_REQUIRING = frozenset(
    {
        OriginKind.ARGUMENT,
        OriginKind.REQUIREMENTS,
        OriginKind.GROUP,
        OriginKind.SCRIPT,
        OriginKind.LOCK,
        OriginKind.DEPENDENCY,
    }
)


@frozen
class Origin:
    """Where a value came from; `text` names the place."""

    kind: OriginKind
    text: str

    def __str__(self) -> str:
        if self.kind is OriginKind.PLACE:
            return f"in {self.text}"
        return f"{'required' if self.kind in _REQUIRING else 'set'} by {self.text}"


@frozen
class Setting:
    """One value of an option, and where it was set."""

    value: str
    origin: Origin

    @property
    def by_command_line(self) -> bool:
        """Tell whether the value was typed."""
        return self.origin.kind is OriginKind.COMMAND_LINE


@frozen
class ModuleOrigin:
    """The file that would be imported under a name, and what makes that file foreign, if anything does."""

    name: str
    path: str
    foreign: str | None


@frozen
class StartFacts:
    """What is known before pip is imported further than its version."""

    stage: ClassVar[Stage] = Stage.START

    modules: tuple[ModuleOrigin, ...] = ()
    interpreter_setting: Setting | None = None
    pip_version: str = ""
    oldest_pip: str = ""
    missing_hooks: tuple[str, ...] = ()
    unknown_command: str | None = None


class DestinationKind(Enum):
    """Name what a destination is part of."""

    THIS_ENVIRONMENT = "this virtual environment"
    OTHER_ENVIRONMENT = "another virtual environment"
    INTERPRETER = "an interpreter that is not in a virtual environment"
    USER_SITE = "the user's own site-packages"
    FOLDER = "a plain folder"


@frozen
class Destination:
    """A folder that the command would write distributions into, or remove them from."""

    path: str
    place: DestinationKind
    origin: Origin


@frozen
class CommandOptions:
    """The options of a command that decide where it writes and what it overrides, as pip merged them.

    `writes` is False for a command that only fetches or resolves, `reads_only` True for one that asks an index and keeps
    nothing. `files` are what pip obeys, each with its role.
    """

    command: str
    reads_only: bool = False
    files: tuple[tuple[str, str], ...] = ()
    writes: bool = False
    target: Setting | None = None
    prefix: Setting | None = None
    root: Setting | None = None
    user: Origin | None = None
    break_system_packages: Origin | None = None


@frozen
class CommandFacts:
    """What is known once pip has merged its options."""

    stage: ClassVar[Stage] = Stage.COMMAND

    command: str
    runs_as_root: bool = False
    in_virtual_environment: bool = True
    externally_managed: bool = False
    destination: Destination | None = None
    break_system_packages: Origin | None = None


@frozen
class SourceFacts:
    """The places that pip would look at, first as options say, then as all files have left them.

    `private_authority` tells whether other certificate authorities count than those that come with pip and the system.
    """

    stage: ClassVar[Stage] = Stage.REQUIREMENTS

    indexes: tuple[Setting, ...] = ()
    find_links: tuple[Setting, ...] = ()
    trusted_hosts: tuple[Setting, ...] = ()
    requirement_files: tuple[Setting, ...] = ()
    proxies: tuple[Setting, ...] = ()
    private_authority: bool = False


@frozen
class FetchFacts:
    """A request that pip is about to send; `redirected` if a server, not pip, chose its address.

    `private_authority` is that of `SourceFacts`, where there is a proxy.
    """

    stage: ClassVar[Stage] = Stage.FETCH

    url: str
    redirected: bool = False
    proxy: str | None = None
    private_authority: bool = False


@frozen
class ConnectionFacts:
    """A connection that is about to be opened to a host that nothing approved."""

    stage: ClassVar[Stage] = Stage.FETCH

    host: str
    port: int | None


@frozen
class RequirementFacts:
    """One direct requirement, before it is looked for."""

    stage: ClassVar[Stage] = Stage.REQUIREMENTS

    requirement: str
    origin: Origin
    project: str | None = None
    has_hash: bool = False


@frozen
class HashCheckingFacts:
    """Hash checking, switched off."""

    stage: ClassVar[Stage] = Stage.REQUIREMENTS

    origin: Origin


@frozen
class TrustedFile:
    """A file or folder that pip or pip-guard obeys, and who else can change it, if anybody can."""

    path: str
    role: str
    danger: str | None


@frozen
class FileFacts:
    """The files and folders that decide what the command does."""

    stage: ClassVar[Stage] = Stage.COMMAND

    files: tuple[TrustedFile, ...] = ()


@frozen
class ConfigurationChangeFacts:
    """A value that ``pip config`` is about to write, as the sources it would add and the options it would set."""

    stage: ClassVar[Stage] = Stage.COMMAND

    key: str
    value: str
    sources: SourceFacts
    editor: Setting | None = None


class CandidateKind(Enum):
    """Name the forms in which a distribution can reach pip."""

    WHEEL = "wheel"
    SOURCE_ARCHIVE = "source archive"
    DIRECTORY = "directory"
    VCS = "version control"


@frozen
class CandidateFacts:
    """One file, directory or repository that pip is about to fetch, unpack or build.

    A `direct` one was asked for by its address; else `index` is the index that listed it, None for find-links. Of the indexes
    in use, `offering_indexes` list the project, and `silent_indexes` could not be asked. A `pinned` one is asked for by its
    hash, to which pip holds it.
    """

    stage: ClassVar[Stage] = Stage.CANDIDATE

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
class HiddenSdistFacts:
    """A requirement that nothing satisfies, and the source distributions that were kept from pip, the newest last.

    `version` is that of the newest.
    """

    stage: ClassVar[Stage] = Stage.CANDIDATE

    requirement: str
    project: str
    files: tuple[str, ...]
    origin: Origin
    version: str | None = None


@frozen
class ReleaseFacts:
    """A file that pip is about to take, with the time of its upload as its index tells it."""

    stage: ClassVar[Stage] = Stage.CANDIDATE

    project: str
    version: str | None
    filename: str
    uploaded: datetime
    now: datetime
    origin: Origin


@frozen
class TooNewFile:
    """A file that was kept from pip because of the time of its upload."""

    filename: str
    version: str
    uploaded: datetime


@frozen
class TooNewFacts:
    """A requirement that nothing satisfies but files that were kept from pip because they are too young."""

    stage: ClassVar[Stage] = Stage.CANDIDATE

    requirement: str
    project: str
    files: tuple[TooNewFile, ...]
    now: datetime
    origin: Origin


@frozen
class NoUploadTimeFacts:
    """An index, a lock file, or a file by its address, of which no index tells when files were uploaded."""

    stage: ClassVar[Stage] = Stage.RESOLUTION

    index: str


@frozen
class Advisory:
    """What an advisory database holds against one release.

    `fixed` are the later versions with which it ends, the lowest first; `aliases` what other databases call it.
    """

    id: str
    malicious: bool
    summary: str = ""
    aliases: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()


@frozen
class AdvisoryFacts:
    """A release that is about to be taken, and what the advisories say about it."""

    stage: ClassVar[Stage] = Stage.RESOLUTION

    project: str
    version: str
    origin: Origin
    advisories: tuple[Advisory, ...]
    hashes: frozenset[str] = frozenset()


@frozen
class SourceFailedFacts:
    """An advisory source that could not be asked about some releases; `kept` is the age of what it said of them before."""

    stage: ClassVar[Stage] = Stage.RESOLUTION

    source: str
    reason: str
    releases: tuple[str, ...]
    kept: timedelta | None = None


@frozen
class NotQueriedFacts:
    """A place whose projects nobody is asked about, because the policy does not say whether their names are public."""

    stage: ClassVar[Stage] = Stage.RESOLUTION

    place: str


@frozen
class ExportFacts:
    """A local export of advisories that was asked, and how long ago the newest of its records was changed."""

    stage: ClassVar[Stage] = Stage.RESOLUTION

    source: str
    age: timedelta


class ProjectStatus(Enum):
    """Name the states that an index can give a project (PEP 792)."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    DEPRECATED = "deprecated"
    QUARANTINED = "quarantined"


@frozen
class StatusFacts:
    """What an index says of a project, and of a file that pip is about to take from it, if there is one.

    `yanked` and `reason` are None unless it is so, and empty where the index gives no reason.
    """

    stage: ClassVar[Stage] = Stage.RESOLUTION

    project: str
    origin: Origin
    status: ProjectStatus = ProjectStatus.ACTIVE
    reason: str | None = None
    version: str | None = None
    yanked: str | None = None
    hashes: frozenset[str] = frozenset()


@frozen
class ProcessFacts:
    """A program that pip was about to start while nothing may be built."""

    stage: ClassVar[Stage] = Stage.CANDIDATE

    program: str


@frozen
class StartupFile:
    """A file that the interpreter looks for in its library whenever it starts.

    `content` is None where it could not be read, or is too large for what such files hold. A `known` one was looked at
    before, in a release of the same project. `strange` are the lines of a path file that name no folder of its wheel.
    """

    path: str
    content: bytes | None = None
    known: bool = False
    strange: tuple[str, ...] = ()


@frozen
class Script:
    """A file that a wheel puts among the commands.

    The scripts beside it would import it as `module`; `hides_module` if that is the name of another distribution's.
    """

    path: str
    module: str | None = None
    hides_module: bool = False


class OwnerKind(Enum):
    """Name whose files a wheel can meet where it is unpacked."""

    INSTALLED = "a distribution that is installed"
    COMMAND = "a distribution that the same command installs"
    INTERPRETER = "the interpreter"


@frozen
class ConflictingFile:
    """A file of somebody else's, and the one that takes its place: written over it, or imported instead of it."""

    path: str
    existing: str


@frozen
class FileConflict:
    """All files of one owner that a wheel would take the place of."""

    owner: str
    kind: OwnerKind
    files: tuple[ConflictingFile, ...]


@frozen
class WheelFacts:
    """A wheel that pip is about to unpack, as it lies on disk.

    `defects` say what makes it differ from its RECORD, or from what every installer understands alike. `modules` are the names
    at the top of the library, and those below a namespace that many projects share; `packages` the dotted names of folders
    that are imported without native code. `data_files` are relative to the environment's own folder. `provenance_files` say
    what else is installed, or where it came from, which is for installers to write. A wheel is `built_from_directory` if the
    user asked for the directory of its project.
    """

    stage: ClassVar[Stage] = Stage.WHEEL

    project: str
    version: str
    filename: str
    sha256: str
    origin: Origin
    built_from_directory: bool = False
    defects: tuple[str, ...] = ()
    startup_files: tuple[StartupFile, ...] = ()
    modules: frozenset[str] = frozenset()
    packages: frozenset[str] = frozenset()
    scripts: tuple[Script, ...] = ()
    data_files: tuple[str, ...] = ()
    provenance_files: tuple[str, ...] = ()
    conflicts: tuple[FileConflict, ...] = ()


@frozen
class JournalFacts:
    """A journal that cannot be written, and why; `before_change` if the command is about to change something."""

    stage: ClassVar[Stage] = Stage.COMMAND

    path: str
    problem: str
    before_change: bool


@frozen
class ChosenFile:
    """A file that a command takes, as far as it is known; no rule is asked about it, it is what the journal keeps.

    `for_build` if only the build of something else needs it.
    """

    project: str
    version: str | None
    filename: str
    url: str
    hashes: frozenset[str] = frozenset()
    size: int | None = None
    for_build: bool = False


@frozen
class InstalledFacts:
    """A distribution that is installed, as it lies on disk; what is called as in `WheelFacts` means the same.

    `defects` say how its files contradict its RECORD, `differences` what has gone or has come since, which harms nobody by itself.
    `kind` and `url` are what its direct_url.json says that it was made of. It was `requested` if a user asked for it by its
    name; what the system's package manager brought is `managed`.
    """

    stage: ClassVar[Stage] = Stage.INSTALLED

    project: str
    version: str
    origin: Origin
    requested: bool = False
    managed: bool = False
    kind: CandidateKind | None = None
    url: str = ""
    built_from_directory: bool = False
    defects: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()
    startup_files: tuple[StartupFile, ...] = ()
    modules: frozenset[str] = frozenset()
    packages: frozenset[str] = frozenset()
    scripts: tuple[Script, ...] = ()
    data_files: tuple[str, ...] = ()
    conflicts: tuple[FileConflict, ...] = ()


@frozen
class UnownedFacts:
    """What lies in a library folder, or among the commands beside it, and belongs to no distribution.

    `names` are the files and folders at its top from which something can be imported.
    """

    stage: ClassVar[Stage] = Stage.INSTALLED

    origin: Origin
    names: tuple[str, ...] = ()
    startup_files: tuple[StartupFile, ...] = ()
    modules: frozenset[str] = frozenset()
    packages: frozenset[str] = frozenset()
    scripts: tuple[Script, ...] = ()


Facts = (
    StartFacts
    | CommandFacts
    | FileFacts
    | ConfigurationChangeFacts
    | JournalFacts
    | SourceFacts
    | RequirementFacts
    | HashCheckingFacts
    | FetchFacts
    | ConnectionFacts
    | CandidateFacts
    | HiddenSdistFacts
    | ReleaseFacts
    | TooNewFacts
    | NoUploadTimeFacts
    | AdvisoryFacts
    | SourceFailedFacts
    | NotQueriedFacts
    | ExportFacts
    | StatusFacts
    | ProcessFacts
    | WheelFacts
    | InstalledFacts
    | UnownedFacts
)
