"""Define what is known of a wheel before it is unpacked."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from pip_guard.facts.origin import Facts, Origin
from pip_guard.frozen import frozen


@frozen
class StartupFile:
    """A file that the interpreter looks for in its library whenever it starts.

    `content` is None where it could not be read, or is too large for what such files hold. A `known` one was looked at
    before, in a release of the same project. `strange` are the lines of a path file that name no folder of its wheel.
    A module is `imported_by` a startup file that is there already.
    """

    path: str
    content: bytes | None = None
    known: bool = False
    strange: tuple[str, ...] = ()
    imported_by: str = ""


@frozen
class Script:
    """A file that a wheel puts among the commands.

    The scripts beside it would import it as `module`; `hides_module` if that is the name of another distribution's. It would
    be found on PATH instead of the program `stands_before`, which is outside of any environment.
    """

    path: str
    module: str | None = None
    hides_module: bool = False
    stands_before: str = ""


class OwnerKind(Enum):
    """The owners of files that a wheel can conflict with."""

    INSTALLED = "a distribution that is installed"
    COMMAND = "a distribution that the same command installs"
    INTERPRETER = "the interpreter"
    NOBODY = "no distribution"


@frozen
class ConflictingFile:
    """A file that belongs to another owner, and the one that would replace it: written over it, or imported instead of it."""

    path: str
    existing: str


@frozen
class FileConflict:
    """All files of one owner that a wheel would replace."""

    owner: str
    kind: OwnerKind
    files: tuple[ConflictingFile, ...]


@frozen
class WheelFacts(Facts):
    """A wheel that pip is about to unpack, as it lies on disk.

    `defects` say what makes it differ from its RECORD, or from what every installer understands alike. `modules` are the names
    at the top of the library, and those below a namespace that many projects share; `packages` the dotted names of folders
    that are imported without native code. `data_files` are relative to the environment's own folder, and `settings` the contents
    of those that configure Jupyter. `hidden_modules` are hidden from all commands by the scripts beside them. `provenance_files` say
    what else is installed, or where it came from, which is for installers to write. A wheel is `built_from_directory` if the
    user asked for the directory of its project.
    """

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
    settings: Mapping[str, bytes] = MappingProxyType({})
    hidden_modules: tuple[tuple[str, str], ...] = ()
    provenance_files: tuple[str, ...] = ()
    conflicts: tuple[FileConflict, ...] = ()
