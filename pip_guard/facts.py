"""Define what the rules may know: frozen facts, one type a stage, and where each value came from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar


class Stage(Enum):
    """Name the moments of a command at which rules are asked, in their order."""

    START = "start"
    COMMAND = "command"
    REQUIREMENTS = "requirements"
    FETCH = "fetch"
    CANDIDATE = "candidate"
    RESOLUTION = "resolution"
    WHEEL = "wheel"


class OriginKind(Enum):
    """Name the kinds of place from which a value can come."""

    DEFAULT = "default"
    ARGUMENT = "argument"
    COMMAND_LINE = "command line"
    ENVIRONMENT = "environment variable"
    CONFIGURATION = "configuration file"
    REQUIREMENTS = "requirements file"
    GROUP = "dependency group"
    SCRIPT = "script"
    LOCK = "lock file"
    DEPENDENCY = "dependency"


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Where a value came from; `text` names the place."""

    kind: OriginKind
    text: str

    def __str__(self) -> str:
        return f"{'required' if self.kind in _REQUIRING else 'set'} by {self.text}"


@dataclass(frozen=True, kw_only=True, slots=True)
class ModuleOrigin:
    """The file that would be imported under a name, and what makes that file foreign, if anything does."""

    name: str
    path: str
    foreign: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class InterpreterSetting:
    """An interpreter that a setting other than the command line tells pip to run in place of this one."""

    value: str
    origin: Origin


@dataclass(frozen=True, kw_only=True, slots=True)
class StartFacts:
    """What is known before pip is imported further than its version."""

    stage: ClassVar[Stage] = Stage.START

    modules: tuple[ModuleOrigin, ...] = ()
    interpreter_setting: InterpreterSetting | None = None
    pip_version: str = ""
    oldest_pip: str = ""
    missing_seams: tuple[str, ...] = ()


class Place(Enum):
    """Name what a destination is part of."""

    THIS_ENVIRONMENT = "this virtual environment"
    OTHER_ENVIRONMENT = "another virtual environment"
    INTERPRETER = "an interpreter that is not in a virtual environment"
    USER_SITE = "the user's own site-packages"
    FOLDER = "a plain folder"


@dataclass(frozen=True, kw_only=True, slots=True)
class Destination:
    """A folder that the command would write distributions into, or remove them from."""

    path: str
    place: Place
    origin: Origin


@dataclass(frozen=True, kw_only=True, slots=True)
class FolderOption:
    """An option that says where to write: the folder as it was given, and where it was set."""

    path: str
    origin: Origin


@dataclass(frozen=True, kw_only=True, slots=True)
class CommandOptions:
    """The options of a command that decide where it writes and what it overrides, as pip merged them.

    `writes` is False for a command that only fetches or resolves.
    """

    command: str
    writes: bool = False
    target: FolderOption | None = None
    prefix: FolderOption | None = None
    root: FolderOption | None = None
    user: Origin | None = None
    break_system_packages: Origin | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CommandFacts:
    """What is known once pip has merged its options."""

    stage: ClassVar[Stage] = Stage.COMMAND

    command: str
    runs_as_root: bool = False
    in_virtual_environment: bool = True
    externally_managed: bool = False
    destination: Destination | None = None
    break_system_packages: Origin | None = None


class CandidateKind(Enum):
    """Name the forms in which a distribution can reach pip."""

    WHEEL = "wheel"
    SOURCE_ARCHIVE = "source archive"
    DIRECTORY = "directory"
    VCS = "version control"


@dataclass(frozen=True, kw_only=True, slots=True)
class CandidateFacts:
    """One file, directory or repository that pip is about to fetch, unpack or build."""

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


@dataclass(frozen=True, kw_only=True, slots=True)
class HiddenFacts:
    """A requirement that nothing satisfies, and the source distributions that were kept from pip."""

    stage: ClassVar[Stage] = Stage.CANDIDATE

    requirement: str
    project: str
    files: tuple[str, ...]
    origin: Origin


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcessFacts:
    """A program that pip was about to start while nothing may be built."""

    stage: ClassVar[Stage] = Stage.CANDIDATE

    program: str


Facts = StartFacts | CommandFacts | CandidateFacts | HiddenFacts | ProcessFacts
