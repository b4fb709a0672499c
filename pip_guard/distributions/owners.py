"""List folders, and find out to which distribution an installed file belongs."""

from __future__ import annotations

import csv
import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Set
from contextlib import suppress
from functools import cached_property

from pip_guard.distributions.wheel.contents import PlacedFile
from pip_guard.distributions.wheel.importable import module_name
from pip_guard.distributions.wheel.path_file import named_path, read_lines
from pip_guard.environment.files import UnreadableFileError, hash_file, list_folder, read_file, scan_folder
from pip_guard.names.normalize import normalize_name

PATH_FILE = ".pth"
_METADATA = (".dist-info", ".egg-info")
_LIBRARIES = ("site-packages", "dist-packages")
# Systems on which names that differ in case alone are one.
WITHOUT_CASE = sys.platform in ("win32", "cygwin", "darwin")
_CHUNK = 1 << 20


def fold(path: str) -> str:
    """Return a form that is equal for paths that this system does not distinguish."""
    return os.path.normcase(path).lower() if WITHOUT_CASE else path


def has_content(path: str, file: PlacedFile) -> bool:
    """Tell whether a file on disk has the same content as one in a wheel."""
    if file.member is None or not file.member.hash:
        return False
    try:
        return hash_file(path, file.member.hash.partition("=")[0]) == file.member.hash
    except UnreadableFileError:
        return False


class Folder:
    """The entries of a folder, which need not exist."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._entries = {fold(entry.name): entry.is_dir() for entry in scan_folder(path)}

    def has_entry(self, name: str) -> bool:
        """Tell whether there is a file or folder of that name."""
        return fold(name) in self._entries

    def has(self, name: str) -> bool:
        """Tell whether there is anything of that name, or that is imported under it."""
        return name in self._entries or name in self._modules

    @property
    def has_modules(self) -> bool:
        """Tell whether anything in it can be imported."""
        return bool(self._modules)

    def below(self, path: str) -> Folder:
        """Return a folder in this one, which need not exist either."""
        return Folder(os.path.join(self._path, path))

    def named_by_path_files(self) -> Iterator[str]:
        """Yield the paths, in normal form, that its `.pth` files have Python import from."""
        for entry, is_folder in self._entries.items():
            if entry.endswith(PATH_FILE) and not is_folder:
                with suppress(UnreadableFileError):
                    yield from map(named_path, read_lines(read_file(os.path.join(self._path, entry), _CHUNK)))

    def imported_as(self, name: str) -> Iterator[str]:
        """Yield the files that are imported under a name, or the folder, with a slash, that is a namespace of that name."""
        yield from self._modules.get(fold(name), ())
        if self._entries.get(fold(name)):
            package = [f"{name}/{init}" for init in Folder(os.path.join(self._path, name)).imported_as("__init__")]
            yield from package or [f"{name}/"]

    @cached_property
    def _modules(self) -> dict[str, list[str]]:
        modules: dict[str, list[str]] = {}
        for entry, is_folder in self._entries.items():
            if not is_folder and (name := module_name(entry)) is not None:
                modules.setdefault(name, []).append(entry)
        return modules


def _project_of(metadata: str) -> str:
    return normalize_name(metadata.rpartition(".")[0].partition("-")[0])


def libraries_below(prefix: str) -> set[str]:
    """Return the library folders of an environment, or of a system, by the folder above its commands."""
    parents = [os.path.join(prefix, library) for library in ("lib", "lib64", "Lib", os.path.join("local", "lib"))]
    parents += [
        os.path.join(parent, name) for parent in parents for name in list_folder(parent) if name.startswith("py")
    ]
    return {os.path.join(parent, name) for parent in parents for name in list_folder(parent) if name in _LIBRARIES}


# The start of paths in RECORD that lie outside of the library.
_ABOVE = "../../"


class InstalledFiles:
    """The distributions in library folders; their RECORDs are read when somebody asks for an owner."""

    def __init__(self, libraries: Set[str]) -> None:
        self._metadata = [
            (_project_of(entry), library, entry)
            for library in sorted(libraries)
            for entry in list_folder(library)
            if entry.endswith(_METADATA)
        ]

    def owners(self, paths: Iterable[str], *, first: str) -> dict[str, str]:
        """Return the projects that paths belong to: to the project `first`, if it has them, or else to any other.

        A path with a slash at its end is a folder, and belongs to whoever has a file in it.
        """
        wanted = {fold(os.path.normpath(path)): path for path in paths}
        folders = {key: path for key, path in wanted.items() if path.endswith("/")}
        owners: dict[str, str] = {}
        for project, library, entry in sorted(self._metadata, key=lambda record: record[0] != first):
            if not wanted:
                break
            for path in self._paths(library, entry, wanted.keys()):
                found = wanted.get(path) or next(
                    (folders[key] for key in folders if path.startswith(key + os.sep)), None
                )
                if found is not None:
                    owners.setdefault(found, project)
            if project == first:
                wanted = {key: path for key, path in wanted.items() if path not in owners}
        return owners

    def has(self, project: str) -> bool:
        """Tell whether a project is installed here."""
        return any(owner == project for owner, _, _ in self._metadata)

    def is_left_by(self, project: str, path: str) -> bool:
        """Tell whether a file belongs to an installation of a project that has no RECORD to list it."""
        for library in {library for _, library, _ in self._metadata}:
            if path.startswith(library + os.sep):
                top = os.path.relpath(path, library).partition(os.sep)[0]
                if top.endswith(_METADATA):
                    return _project_of(top) == project
                return top in self._claims(project, library)
        return False

    def _claims(self, project: str, library: str) -> set[str]:
        """Return the top-level names that installations of a project without RECORD claim in a library."""
        claims: set[str] = set()
        for owner, where, entry in self._metadata:
            folder = os.path.join(library, entry)
            if (owner, where) == (project, library) and not os.path.isfile(os.path.join(folder, "RECORD")):
                with suppress(UnreadableFileError):
                    text = read_file(os.path.join(folder, "top_level.txt"), _CHUNK).decode("utf-8", "replace")
                    claims |= {name for top in text.split() for name in (top, f"{top}.py")}
        return claims

    def is_of_interpreter(self, path: str) -> bool:
        """Tell whether a file is part of the interpreter, or of the environment itself."""
        if path in (sys.executable, os.path.join(sys.prefix, "pyvenv.cfg")):
            return True
        real = os.path.realpath(path)
        for library in {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")}:
            folder = os.path.realpath(library) + os.sep
            if real.startswith(folder) and not real[len(folder) :].startswith(_LIBRARIES):
                return True
        return False

    def _paths(self, library: str, entry: str, wanted: Iterable[str]) -> Iterator[str]:
        """Yield the absolute paths in a RECORD; none if it cannot contain any of the wanted ones."""
        try:
            with open(os.path.join(library, entry, "RECORD"), "rb") as file:
                content = file.read()
        except OSError:  # not made by a wheel
            return
        if not WITHOUT_CASE and not any(os.path.basename(path).encode() in content for path in wanted):
            return
        for row in csv.reader(content.decode("utf-8", "replace").splitlines()):
            if row:
                yield fold(os.path.normpath(os.path.join(library, row[0])))
            if row and row[0].startswith(_ABOVE):
                # NOTE: with --target, pip moves these into the folder, but does not change RECORD.
                yield fold(os.path.normpath(os.path.join(library, row[0].removeprefix(_ABOVE))))
