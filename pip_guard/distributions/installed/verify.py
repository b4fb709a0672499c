"""Compare the files of an installed distribution with its RECORD."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Mapping
from typing import NamedTuple

from pip_guard.distributions.installed.console_scripts import is_console_script
from pip_guard.distributions.installed.libraries import LibraryFolder
from pip_guard.distributions.installed.metadata import Distribution
from pip_guard.distributions.wheel.contents import Member, PlacedFile, Scheme
from pip_guard.distributions.wheel.importable import COMPILED_FOLDER, imported_as
from pip_guard.distributions.wheel.reader import STARTUP_SUFFIXES
from pip_guard.distributions.wheel.record import STRONG, UNHASHED, Row
from pip_guard.environment.files import UnreadableFileError, hash_file, read_file_if_possible

# The algorithms of old RECORD files; they are good enough to notice a change.
_WEAK = frozenset({"md5", "sha1", "sha224"})
_COMPILED = ".pyc"
_COMMANDS = re.compile(r"^(?:\.\./)+(?:bin|Scripts)/")
# From the folder that pip fills before it moves all of it into a --target folder.
_OUT_OF_TARGET = "../../"
# In bytes, of a script that an installer makes and of the file that it is made from.
_LARGEST_SCRIPT = 1 << 20


class Verified(NamedTuple):
    """The result of a comparison: all files, how they contradict RECORD, which are missing, and what was compiled on installation."""

    files: tuple[PlacedFile, ...] = ()
    defects: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()
    compared: int = 0
    compiled: tuple[PlacedFile, ...] = ()


def verify(distribution: Distribution, place: LibraryFolder) -> Verified:
    """Compare all files of a distribution with its RECORD; if it cannot be verified, only list them."""
    files: list[PlacedFile] = []
    defects: list[str] = []
    differences: list[str] = []
    is_verifiable = distribution.is_verifiable and not place.is_managed
    listed: dict[str, Row] = {}
    compiled: list[PlacedFile] = []
    count = 0
    for row in distribution.rows or ():
        if listed.setdefault(row.path, row) is not row:
            if listed[row.path].hash != row.hash:
                defects.append(f"RECORD lists {row.path} twice, and differently")
            continue
        if row.path.endswith("/"):
            continue
        file = locate(row, place)
        if place.is_managed and (file is None or file.scheme is not Scheme.PURELIB):
            continue  # the package manager has it elsewhere
        if file is None:
            defects.append(f"RECORD lists {row.path}, which is outside of the environment")
            continue
        (compiled if _is_compiled(row) else files).append(file)
        if not is_verifiable or _is_unhashed(row, distribution):
            continue
        count += 1
        try:
            problem = _compare(row, path_of(file, place))
        except UnreadableFileError as error:
            (differences if error.gone else defects).append(f"{row.path} {error}")
            continue
        if problem and not _is_known_script(file, distribution, place):
            (defects if row.hash else differences).append(problem)
    return Verified(tuple(files), tuple(defects), tuple(differences), count, tuple(compiled))


def locate(row: Row, place: LibraryFolder) -> PlacedFile | None:
    """Return where a file is: in the library, among the commands, or elsewhere in the environment; None if it is outside."""
    member = Member(row.path, 0, row.hash)
    if not row.path.startswith((".", "/")) and "/." not in row.path and "//" not in row.path and os.sep == "/":
        return PlacedFile(Scheme.PURELIB, row.path, member)
    if place.is_target and row.path.startswith(_OUT_OF_TARGET):
        inside = posixpath.normpath(row.path.removeprefix(_OUT_OF_TARGET))
        if inside.startswith((".", "/")):
            return None
        path = os.path.join(place.prefix, inside)
    else:
        path = os.path.normpath(os.path.join(place.library, row.path))
    folders = _folders(place)
    # NOTE: in a --target folder, the commands are inside of the library.
    for scheme in (Scheme.SCRIPTS, Scheme.PURELIB, Scheme.DATA):
        start = folders[scheme].rstrip(os.sep) + os.sep
        if path.startswith(start):
            return PlacedFile(scheme, path[len(start) :].replace(os.sep, "/"), member)
    return None


def path_of(file: PlacedFile, place: LibraryFolder) -> str:
    """Return where a file is on disk."""
    if file.scheme is Scheme.PURELIB:  # nearly all
        return f"{place.library}{os.sep}{file.path}"
    return os.path.join(_folders(place)[file.scheme], file.path)


def _folders(place: LibraryFolder) -> Mapping[Scheme, str]:
    return {Scheme.PURELIB: place.library, Scheme.SCRIPTS: place.commands, Scheme.DATA: place.prefix}


def _is_known_script(file: PlacedFile, distribution: Distribution, place: LibraryFolder) -> bool:
    """Tell whether a file is a script that an installer has made, for an environment that may have been moved since."""
    if file.scheme is not Scheme.SCRIPTS:
        return False
    entry_points = os.path.join(place.library, distribution.metadata, "entry_points.txt")
    contents = [read_file_if_possible(path, _LARGEST_SCRIPT) for path in (path_of(file, place), entry_points)]
    script, entries = (content or b"" for content in contents)
    return is_console_script(script, entries, place.commands)


def _is_unhashed(row: Row, distribution: Distribution) -> bool:
    """Tell whether a file is one that RECORD cannot know: compiled by pip, or RECORD itself."""
    if row.hash:
        return False
    folder, _, name = row.path.rpartition("/")
    return _is_compiled(row) or (folder == distribution.metadata and name in UNHASHED)


def _is_compiled(row: Row) -> bool:
    """Tell whether a row is bytecode from the installation; virtualenv lists the folders for it, whether or not they exist."""
    return not row.hash and row.path.endswith((_COMPILED, COMPILED_FOLDER))


def _compare(row: Row, path: str) -> str | None:
    """Say how a file differs. Raises `UnreadableFileError`."""
    algorithm = row.algorithm
    if algorithm in STRONG or algorithm in _WEAK:
        same = hash_file(path, algorithm) == row.hash
        return None if same else f"{row.path} has another content than RECORD says"
    if not os.path.lexists(path):
        raise UnreadableFileError("is gone", gone=True)
    # files that tools add for their own use have no hash, and are never run
    return f"RECORD has no hash of {row.path}" if _is_run(row.path) else None


def _is_run(path: str) -> bool:
    """Tell whether a file is one that Python, or a shell, could run."""
    return _COMMANDS.search(path) is not None or path.endswith(STARTUP_SUFFIXES) or imported_as(path) is not None
