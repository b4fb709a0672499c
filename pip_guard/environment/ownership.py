"""Find out who else can change the files that decide what pip does."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Iterator

from pip_guard.environment.permissions import ROOT, own_danger, path_danger
from pip_guard.facts.command import FileFacts, TrustedFile


def describe_files(files: Iterable[tuple[str, str]]) -> FileFacts:
    """Look at the given files, each with its role, at netrc, and at the folders in which `pip` is looked for."""
    if os.name != "posix":  # there the mode says nothing, and access is another matter
        return FileFacts()
    looked_at = [_look(path, role) for path, role in (*files, *((path, "passwords") for path in _netrc_files()))]
    folders = [TrustedFile(path=path, role="PATH", danger=_folder_danger(path)) for path in _folders_before_pip()]
    return FileFacts(files=tuple(file for file in (*looked_at, *folders) if file.danger is not None))


def others_who_can_write(path: str, *, beside: str) -> tuple[str, str] | None:
    """Return what of a file, or of all in a folder, others could change, and how; None if nothing.

    Others are those who cannot write to the folder `beside` either. What leads to the path counts, too.
    """
    if os.name != "posix":  # there the mode says nothing, and access is another matter
        return None
    trusted = os.stat(beside)
    groups = {ROOT, trusted.st_gid} if trusted.st_mode & stat.S_IWGRP else {ROOT}
    for each in _all_that_decides(path):
        status = os.stat(each)
        shared = stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX
        if status.st_uid not in (ROOT, trusted.st_uid):
            return each, f"belongs to another user ({status.st_uid})"
        if status.st_mode & stat.S_IWOTH and not shared:
            return each, "others can write"
        if status.st_mode & stat.S_IWGRP and status.st_gid not in groups and not shared:
            return each, f"the group {status.st_gid} can write"
    return None


def _all_that_decides(path: str) -> Iterator[str]:
    """Yield a path, all that is below it and all that leads to it, by its name and by where links lead."""
    for folder, _, files in os.walk(path):
        yield folder
        yield from (os.path.join(folder, name) for name in files if os.path.exists(os.path.join(folder, name)))
    for named in {os.path.abspath(path), os.path.realpath(path)}:
        current = named
        yield current
        while (parent := os.path.dirname(current)) != current:
            current = parent
            yield current


def others_can_change(path: str) -> str | None:
    """Say how anybody but this user and root could change a file, or put another one in its place; None if nobody can."""
    if os.name != "posix":
        return None
    if danger := path_danger(path):
        return danger
    folder = os.path.dirname(os.path.realpath(path))
    while True:
        if danger := _folder_danger(folder):
            return (
                f"is in {folder}, which {danger}"
                if danger.startswith("belongs")
                else f"is in {folder}, into which {danger}"
            )
        if folder == os.path.dirname(folder):
            return None
        folder = os.path.dirname(folder)


def _look(path: str, role: str) -> TrustedFile:
    return TrustedFile(path=path, role=role, danger=path_danger(path))


def _folder_danger(path: str) -> str | None:
    try:
        return own_danger(os.stat(path))
    except (OSError, ValueError):
        return None


def _folders_before_pip() -> list[str]:
    """Return the folders on PATH that come before the one of this interpreter, where a `pip` would shadow its own."""
    own = os.path.realpath(os.path.dirname(os.path.abspath(sys.executable)))
    folders = [folder or os.curdir for folder in os.environ.get("PATH", "").split(os.pathsep)]
    places = [os.path.realpath(folder) for folder in folders]
    return folders[: places.index(own)] if own in places else []


def _netrc_files() -> tuple[str, ...]:
    """Return the places where requests looks for passwords."""
    named = os.environ.get("NETRC")
    return (named,) if named else (os.path.expanduser("~/.netrc"), os.path.expanduser("~/_netrc"))
