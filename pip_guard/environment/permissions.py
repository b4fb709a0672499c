"""Find out who else can change a file, or replace it by another one.

Others are all users but root and the one who runs this, and all groups but root's and the user's own. What they can do is said in
words that follow "which".
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Iterator

from pip_guard.facts.command import FileFacts, TrustedFile

ROOT = 0
# As many links as Linux follows.
_MOST_LINKS = 40

# NOTE: other systems than POSIX ones keep access apart from the mode, which says nothing there.


def describe_files(files: Iterable[tuple[str, str]]) -> FileFacts:
    """Describe which of the given files, each with its role, of netrc and of the folders where `pip` is looked up others can change."""
    if os.name != "posix":
        return FileFacts()
    named = (*files, *((path, "passwords") for path in _netrc_files()))
    judged = [TrustedFile(path=path, role=role, danger=path_danger(path)) for path, role in named]
    folders = [TrustedFile(path=path, role="PATH", danger=_folder_danger(path)) for path in _folders_before_pip()]
    return FileFacts(files=tuple(file for file in (*judged, *folders) if file.danger is not None))


def own_danger(status: os.stat_result, users: Iterable[int] | None = None) -> str | None:
    """Say how others can change the file or folder of this status itself, groups aside; `users` are those who may."""
    if status.st_uid not in ((ROOT, os.geteuid()) if users is None else users):
        return f"belongs to another user ({status.st_uid})"
    return "others can write" if status.st_mode & stat.S_IWOTH and not _is_sticky(status) else None


def group_danger(status: os.stat_result, groups: Iterable[int] | None = None) -> str | None:
    """Say which group can write the file or folder of this status; `groups` are those that may."""
    if status.st_mode & stat.S_IWGRP and status.st_gid not in ((ROOT, os.getegid()) if groups is None else groups):
        return f"the group {status.st_gid} can write"
    return None


def path_danger(path: str) -> str | None:
    """Say how others can change a file or folder, or replace it; None if they cannot, or if there is no such file."""
    if os.name != "posix":
        return None
    try:
        status = os.stat(path)
        parent = os.stat(os.path.dirname(os.path.realpath(path)))
        link = link_danger(path)
    except (OSError, ValueError):
        return None
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        return None
    return own_danger(status) or group_danger(status) or link or _replacement_danger(parent, "its folder")


def link_danger(path: str) -> str | None:
    """Say how others can make the path of an existing file lead elsewhere; None if they cannot."""
    while os.path.islink(path):
        folder = os.path.dirname(os.path.abspath(path))
        owner = os.lstat(path).st_uid
        if owner not in (ROOT, os.geteuid()):
            return f"is reached by a link that belongs to another user ({owner})"
        if danger := _replacement_danger(os.stat(folder), "the folder of a link to it"):
            return danger
        path = os.path.join(folder, os.readlink(path))
    return None


def others_can_change(path: str) -> str | None:
    """Say how others can change a file, or replace it or any folder above it; None if they cannot."""
    if os.name != "posix":
        return None
    if danger := path_danger(path):
        return danger
    for folder in _folders_above(os.path.realpath(path)):
        if danger := _folder_danger(folder):
            relation = "which" if danger.startswith("belongs") else "into which"
            return f"is in {folder}, {relation} {danger}"
    return None


def others_who_can_write(path: str, *, beside: str) -> tuple[str, str] | None:
    """Return the first of a path, all below it and all above it that others can change, and how; None if there is none.

    Others are those who cannot write to the folder `beside` either.
    """
    if os.name != "posix":
        return None
    trusted = os.stat(beside)
    users = (ROOT, trusted.st_uid)
    groups = (ROOT, trusted.st_gid) if trusted.st_mode & stat.S_IWGRP else (ROOT,)
    for each in _all_involved(path):
        status = os.stat(each)
        danger = own_danger(status, users) or (None if _is_sticky(status) else group_danger(status, groups))
        if danger is not None:
            return each, danger
    return None


def is_open_to_others(path: str) -> bool:
    """Tell whether others can change a file, or replace it, any folder above it or any link on the way.

    Where the mode of a file does not say that, they can.
    """
    if os.name != "posix":
        return True
    left = os.path.abspath(path).split(os.sep)[1:]
    place = os.sep
    links = 0
    try:
        if _is_open(os.lstat(place)):
            return True
        while left:
            inner = os.path.join(place, left.pop(0))
            status = os.lstat(inner)
            if not stat.S_ISLNK(status.st_mode):
                if _is_open(status):
                    return True
                place = os.path.normpath(inner)
                continue
            links += 1
            if links > _MOST_LINKS or status.st_uid not in (ROOT, os.geteuid()):
                return True
            target = os.readlink(inner)
            left = [part for part in target.split(os.sep) if part] + left
            place = os.sep if os.path.isabs(target) else place
    except OSError:
        return True
    return False


def _is_sticky(status: os.stat_result) -> bool:
    """Tell whether this is a folder like /tmp, in which only its owner can remove or rename a file."""
    return stat.S_ISDIR(status.st_mode) and bool(status.st_mode & stat.S_ISVTX)


def _is_open(status: os.stat_result) -> bool:
    return own_danger(status) is not None or (not _is_sticky(status) and group_danger(status) is not None)


def _folder_danger(path: str) -> str | None:
    try:
        return own_danger(os.stat(path))
    except (OSError, ValueError):
        return None


def _replacement_danger(parent: os.stat_result, what: str) -> str | None:
    """Say who can replace what is in a folder; the owner of a folder like /tmp can, too."""
    danger = own_danger(parent)
    if danger is None:
        return None
    if danger.startswith("belongs"):
        return f"another user ({parent.st_uid}) can replace, because {what} is theirs"
    return f"others can replace, because they can write {what}"


def _all_involved(path: str) -> Iterator[str]:
    """Yield a path, all that is below it and all that is above it, by its name and by where links lead."""
    for folder, _, files in os.walk(path):
        yield folder
        yield from (os.path.join(folder, name) for name in files if os.path.exists(os.path.join(folder, name)))
    for named in {os.path.abspath(path), os.path.realpath(path)}:
        yield named
        yield from _folders_above(named)


def _folders_above(path: str) -> Iterator[str]:
    while (parent := os.path.dirname(path)) != path:
        yield parent
        path = parent


def _folders_before_pip() -> list[str]:
    """Return the folders on PATH before this interpreter's own, where another `pip` would be found first."""
    own = os.path.realpath(os.path.dirname(os.path.abspath(sys.executable)))
    folders = [folder or os.curdir for folder in os.environ.get("PATH", "").split(os.pathsep)]
    resolved = [os.path.realpath(folder) for folder in folders]
    return folders[: resolved.index(own)] if own in resolved else []


def _netrc_files() -> tuple[str, ...]:
    """Return the files in which requests looks for passwords."""
    named = os.environ.get("NETRC")
    return (named,) if named else (os.path.expanduser("~/.netrc"), os.path.expanduser("~/_netrc"))
