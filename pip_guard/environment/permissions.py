"""Find out who else can change a file, or put another one in its place."""

from __future__ import annotations

import os
import stat

ROOT = 0
# As many links as Linux follows.
_MOST_LINKS = 40


def own_danger(status: os.stat_result) -> str | None:
    """Say what lets others change the very file or folder of this status, or return None if nothing does."""
    if status.st_uid not in (ROOT, os.geteuid()):
        return f"belongs to another user ({status.st_uid})"
    if status.st_mode & stat.S_IWOTH and not (stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX):
        return "others can write"
    return None


def group_danger(status: os.stat_result) -> str | None:
    """Say which group can write what has this status, or return None if there is none but the user's own."""
    if status.st_mode & stat.S_IWGRP and status.st_gid not in (ROOT, os.getegid()):
        return f"the group {status.st_gid} can write"
    return None


def path_danger(path: str) -> str | None:
    """Say how others could change a file or folder, or put another one in its place; None if they cannot, or there is none."""
    if os.name != "posix":  # there the mode says nothing, and access is another matter
        return None
    try:
        status = os.stat(path)
        parent = os.stat(os.path.dirname(os.path.realpath(path)))
        led = link_danger(path)
    except (OSError, ValueError):
        return None
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        return None
    return own_danger(status) or group_danger(status) or led or _replacement_danger(parent, "its folder")


def link_danger(path: str) -> str | None:
    """Say how others could make the path of an existing file lead elsewhere, or return None if they cannot."""
    while os.path.islink(path):
        folder = os.path.dirname(os.path.abspath(path))
        owner = os.lstat(path).st_uid
        if owner not in (ROOT, os.geteuid()):
            return f"is reached by a link that belongs to another user ({owner})"
        if danger := _replacement_danger(os.stat(folder), "the folder of a link to it"):
            return danger
        path = os.path.join(folder, os.readlink(path))
    return None


def _replacement_danger(parent: os.stat_result, what: str) -> str | None:
    """Say who could put something else in the place of what is in a folder; the owner of one like /tmp could, too."""
    if parent.st_uid not in (ROOT, os.geteuid()):
        return f"another user ({parent.st_uid}) can replace, because {what} is theirs"
    if parent.st_mode & stat.S_IWOTH and not parent.st_mode & stat.S_ISVTX:
        return f"others can replace, because they can write {what}"
    return None


def is_open_to_others(path: str) -> bool:
    """Tell whether others can change a file, or what its path leads to: any folder or link on the way counts.

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


def _is_open(status: os.stat_result) -> bool:
    """Tell whether others can change a file, or any entry of a folder that is not their own."""
    sticky = stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX
    return own_danger(status) is not None or (not sticky and group_danger(status) is not None)
