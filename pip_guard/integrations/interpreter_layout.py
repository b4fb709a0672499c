"""Describe interpreters and environments by reading their files, without running them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from enum import Enum

from pip_guard.environment.files import list_folder
from pip_guard.frozen import frozen

PROGRAM = re.compile(r"python([23](\.\d+)?t?)?(\.exe)?", re.IGNORECASE)
_LIBRARY = re.compile(r"python(?P<version>3\.\d+)t?")
_OLD = re.compile(r"python(?P<version>2\.\d+)")
_CONFIGURATION = "pyvenv.cfg"
# Debian's folders from which pip may be imported, besides the library's own site-packages, relative to the prefix.
_DEBIAN = ("local/lib/python{}/dist-packages", "lib/python3/dist-packages")
# Bytes; none of the files that are read here is larger.
_ENOUGH = 1 << 16


class InterpreterKind(Enum):
    """The kind of installation that an interpreter belongs to."""

    INTERPRETER = "interpreter"
    VIRTUAL_ENVIRONMENT = "virtual environment"
    CONDA_ENVIRONMENT = "conda environment"


@frozen
class Interpreter:
    """An interpreter as its files describe it; None is what they do not say.

    `library` is the folder of the standard library, which a virtual environment shares with its base, and `pips` are the
    folders with a pip that it could import.
    """

    path: str
    prefix: str
    kind: InterpreterKind
    version: str | None = None
    library: str | None = None
    pips: tuple[str, ...] = ()

    @property
    def scripts(self) -> str:
        """The folder of its console scripts."""
        return os.path.dirname(self.path)


def describe(path: str, *, user_base: str | None = None) -> Interpreter:
    """Describe the interpreter at a path; `user_base` is the folder of user installs (``pip install --user``)."""
    prefix = _environment_of(path)
    if prefix is not None:
        return _describe_environment(path, prefix)
    program = os.path.realpath(path)
    if (old := _OLD.match(os.path.basename(program))) is not None:  # the files around it belong to other versions
        prefix = os.path.dirname(os.path.dirname(program))
        return Interpreter(path=path, prefix=prefix, kind=InterpreterKind.INTERPRETER, version=old["version"])
    prefix, library = _find_library(program)
    version = _version_of(library)
    kind = (
        InterpreterKind.CONDA_ENVIRONMENT
        if os.path.isdir(os.path.join(prefix, "conda-meta"))
        else InterpreterKind.INTERPRETER
    )
    return Interpreter(
        path=path,
        prefix=prefix,
        kind=kind,
        version=version,
        library=library,
        pips=_with_pip(_import_folders(prefix, library, version, user_base)),
    )


def programs_in(prefix: str) -> Iterator[str]:
    """Yield the interpreter of an environment or an installation, if it has one, by its plainest name only."""
    for name in ("bin/python", "bin/python3", "Scripts/python.exe", "python.exe"):
        path = os.path.join(prefix, *name.split("/"))
        if os.path.isfile(path):
            yield path
            return


def read_configuration(prefix: str) -> Mapping[str, str] | None:
    """Parse pyvenv.cfg as the interpreter does; None if there is none."""
    text = read_text(os.path.join(prefix, _CONFIGURATION))
    if text is None:
        return None
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
    return {key.strip().lower(): value.strip() for key, _, value in pairs}


def read_text(path: str) -> str | None:
    """Read the start of a file, replacing what is not UTF-8; None if it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read(_ENOUGH).decode("utf-8", "replace")
    except OSError:
        return None


def _describe_environment(path: str, prefix: str) -> Interpreter:
    configuration = read_configuration(prefix) or {}
    home = configuration.get("home", "")
    program = _base_program(home, os.path.realpath(path), configuration)
    base, library = _find_library(program) if program else (home, None)
    version = _version_of(library)
    folders = [] if version is None else [*_site_folders(prefix, version)]
    if configuration.get("include-system-site-packages", "").lower() == "true":
        folders += _import_folders(base, library, version, None)
    return Interpreter(
        path=path,
        prefix=prefix,
        kind=InterpreterKind.VIRTUAL_ENVIRONMENT,
        version=version,
        library=library,
        pips=_with_pip(folders),
    )


def _environment_of(path: str) -> str | None:
    """Return the virtual environment of a program. NOTE: links are not followed, as in CPython's getpath."""
    folder = os.path.dirname(path)
    for prefix in (os.path.dirname(folder), folder):
        if os.path.isfile(os.path.join(prefix, _CONFIGURATION)):
            return prefix
    return None


def _base_program(home: str, real: str, configuration: Mapping[str, str]) -> str | None:
    """Return the program in `home` whose library a virtual environment uses."""
    if not home:
        return None
    version = ".".join(configuration.get("version", configuration.get("version_info", "")).split(".")[:2])
    names = [f"python{version}" if version else "", os.path.basename(real), "python3", "python", "python.exe"]
    for name in names:
        path = os.path.join(home, name)
        if name and os.path.isfile(path):
            return os.path.realpath(path)
    return None


def _find_library(program: str) -> tuple[str, str | None]:
    """Return the prefix and the standard library of a program: the nearest one above it, as in CPython.

    For a name without a version, only the library beside it counts; one farther up may belong to another version.
    """
    wanted = _LIBRARY.fullmatch(os.path.basename(program).removesuffix(".exe"))
    beside = os.path.dirname(os.path.dirname(program))
    prefix = os.path.dirname(program)
    while True:
        if os.path.isfile(os.path.join(prefix, "Lib", "os.py")):
            return prefix, os.path.join(prefix, "Lib")
        found = _libraries(prefix)
        if wanted is not None:  # a free-threaded interpreter may go by both names
            names = {os.path.basename(folder): folder for folder in found}
            found = [names[name] for name in (wanted[0], f"{wanted[0]}t") if name in names][:1]
        if len(found) == 1:
            return prefix, found[0]
        parent = os.path.dirname(prefix)
        if parent == prefix or (wanted is None and prefix == beside):
            return beside, None
        prefix = parent


def _libraries(prefix: str) -> list[str]:
    # Fedora keeps the library in lib64, beside a folder of site-packages in lib.
    folders = (os.path.join(prefix, name) for name in ("lib64", "lib"))
    names = (
        os.path.join(folder, name) for folder in folders for name in list_folder(folder) if _LIBRARY.fullmatch(name)
    )
    found = (path for path in names if os.path.isfile(os.path.join(path, "os.py")))
    return list({os.path.realpath(path): path for path in found}.values())


def _version_of(library: str | None) -> str | None:
    match = _LIBRARY.fullmatch(os.path.basename(library)) if library else None
    return match["version"] if match else None


def _import_folders(prefix: str, library: str | None, version: str | None, user_base: str | None) -> list[str]:
    if library is None:
        return []
    folders = [os.path.join(library, "site-packages")]
    if version is not None:
        folders += [os.path.join(prefix, template.format(version)) for template in _DEBIAN]
        if user_base is not None:
            folders += _site_folders(user_base, version)
    return folders


def _site_folders(prefix: str, version: str) -> Iterator[str]:
    yield os.path.join(prefix, "lib", f"python{version}", "site-packages")
    yield os.path.join(prefix, "Lib", "site-packages")


def _with_pip(folders: list[str]) -> tuple[str, ...]:
    return tuple(folder for folder in folders if os.path.isfile(os.path.join(folder, "pip", "__init__.py")))
