"""Compare the files of an installed distribution with its RECORD."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pip_guard.installation.console_scripts import is_console_script
from pip_guard.installation.distribution import Distribution
from pip_guard.installation.files import UnreadableFileError, hash_file, read_file
from pip_guard.installation.places import Place
from pip_guard.wheel_archive.contents import Member, PlacedFile, Scheme
from pip_guard.wheel_archive.metadata import DIST_INFO
from pip_guard.wheel_archive.record import STRONG, Row

# What a RECORD of old may have used; to notice a change, it is good enough.
_WEAK = frozenset({"md5", "sha1", "sha224"})
_COMPILED = ".pyc"
# What a RECORD holds no hash of: itself, and what signs it.
_UNHASHED = ("RECORD", "RECORD.jws", "RECORD.p7s")
# From the folder that pip fills before it moves all of it into a --target folder.
_OUT_OF_TARGET = "../../"
# In bytes, of a script that an installer makes and of the file that it is made from.
_LARGEST_SCRIPT = 1 << 20


class Verified(NamedTuple):
    """What was found: where the files are, how they contradict RECORD, and what has gone since."""

    files: tuple[PlacedFile, ...] = ()
    defects: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()
    compared: int = 0


def verify(distribution: Distribution, place: Place) -> Verified:
    """Compare all files of a distribution with its RECORD; one that cannot be verified is described only."""
    files: list[PlacedFile] = []
    defects: list[str] = []
    differences: list[str] = []
    is_verifiable = distribution.is_verifiable and not place.is_managed
    listed: dict[str, Row] = {}
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
        if not (row.path.endswith(_COMPILED) and not row.hash):
            files.append(file)
        if is_verifiable and not _is_unhashed(row, distribution):
            count += 1
            for gone, problem in _compare(row, path_of(file, place)):
                if gone:
                    differences.append(problem)
                elif not _is_moved_script(file, distribution, place):
                    defects.append(problem)
    return Verified(tuple(files), tuple(defects), tuple(differences), count)


def locate(row: Row, place: Place) -> PlacedFile | None:
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


def path_of(file: PlacedFile, place: Place) -> str:
    """Return where a file is on disk."""
    if file.scheme is Scheme.PURELIB:  # nearly all
        return f"{place.library}{os.sep}{file.path}"
    return os.path.join(_folders(place)[file.scheme], file.path)


def _folders(place: Place) -> Mapping[Scheme, str]:
    return {Scheme.PURELIB: place.library, Scheme.SCRIPTS: place.commands, Scheme.DATA: place.prefix}


def _is_moved_script(file: PlacedFile, distribution: Distribution, place: Place) -> bool:
    """Tell whether a file is a script that has another first line because the environment was moved."""
    if file.scheme is not Scheme.SCRIPTS:
        return False
    try:
        script = read_file(path_of(file, place), _LARGEST_SCRIPT)
        entry_points = read_file(
            os.path.join(place.library, distribution.metadata, "entry_points.txt"), _LARGEST_SCRIPT
        )
    except UnreadableFileError:
        return False
    return is_console_script(script, entry_points, place.commands)


def _is_unhashed(row: Row, distribution: Distribution) -> bool:
    """Tell whether a file is one that RECORD cannot know: compiled by pip, or RECORD itself."""
    if row.hash:
        return False
    folder, _, name = row.path.rpartition("/")
    return row.path.endswith(_COMPILED) or (folder == distribution.metadata and name in _UNHASHED)


def _compare(row: Row, path: str) -> Iterator[tuple[bool, str]]:
    """Say how a file differs, each time with whether it is no more than gone, or not hashed."""
    algorithm = row.algorithm
    if algorithm not in STRONG and algorithm not in _WEAK:
        if not os.path.lexists(path):
            yield True, f"{row.path} is gone"
        elif DIST_INFO not in row.path:
            yield True, f"RECORD has no hash of {row.path}"
        return
    try:
        if hash_file(path, algorithm) != row.hash:
            yield False, f"{row.path} has another content than RECORD says"
    except UnreadableFileError as error:
        yield error.gone, f"{row.path} {error}"
