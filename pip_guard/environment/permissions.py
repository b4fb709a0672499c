"""Find out who else can change a file, or replace it by another one.

Others are all users but root and the one who runs this, whether they can write as everybody, as members of a group or by a POSIX
access list. What they can do is said in words that follow "which".
"""

from __future__ import annotations

import errno
import functools
import os
import stat
import struct
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress

from pip_guard.facts.command import FileFacts, TrustedFile

ROOT = 0
_USER, _GROUP = "user", "group"
# The extended attribute of an access list: a version, then a tag, permissions and the number of a user or group for each entry,
# as in linux/posix_acl_xattr.h and linux/posix_acl.h.
_ACL_GROUP_OBJECT, _ACL_MASK, _ACL_WRITE = 0x04, 0x10, 0x02
_ACL_KINDS = {0x02: _USER, _ACL_GROUP_OBJECT: _GROUP, 0x08: _GROUP}

# NOTE: other systems than POSIX ones keep access apart from the mode, which says nothing there.


def describe_files(files: Iterable[tuple[str, str]]) -> FileFacts:
    """Describe what others can change: of the given files, each with its role, and of all that decides beside them.

    That is netrc, the folder of bytecode (PYTHONPYCACHEPREFIX), the folder of temporary files, in which pip keeps wheels between the check
    and the installation, and the folders in which `pip` is looked up.
    """
    if os.name != "posix":
        return FileFacts()
    named = (*files, *((path, "passwords") for path in _netrc_files()))
    judged = [TrustedFile(path=path, role=role, danger=path_danger(path)) for path, role in named]
    judged += [TrustedFile(path=path, role="PATH", danger=folder_danger(path)) for path in _folders_before_pip()]
    if sys.pycache_prefix is not None:
        danger = _bytecode_danger(os.path.abspath(sys.pycache_prefix))
        judged.append(TrustedFile(path=sys.pycache_prefix, role="bytecode", danger=danger))
    # Without such a folder, pip cannot work either, and says so.
    with suppress(FileNotFoundError):
        temporary = tempfile.gettempdir()
        danger = folder_danger(temporary) or _danger_above(temporary)
        judged.append(TrustedFile(path=temporary, role="temporary files", danger=danger))
    return FileFacts(files=tuple(file for file in judged if file.danger is not None))


def own_danger(status: os.stat_result, users: Iterable[int] | None = None) -> str | None:
    """Say how others can change the file or folder of this status itself, groups aside; `users` are those who may."""
    if status.st_uid not in (_trusted_users() if users is None else users):
        return f"belongs to another user ({status.st_uid})"
    return "others can write" if status.st_mode & stat.S_IWOTH and not _is_sticky(status) else None


def group_danger(
    path: str, status: os.stat_result, *, users: Iterable[int] | None = None, groups: Iterable[int] | None = None
) -> str | None:
    """Say which group, or which user of an access list, can write a file or folder; `users` and `groups` are those that may.

    The user's own group may if nobody else is in it. Raises `GuardError` if the access list cannot be read.
    """
    for kind, number in _writers(path, status):
        if kind == _USER:
            trusted = number in (_trusted_users() if users is None else users)
        elif groups is not None:
            trusted = number in groups
        else:
            trusted = number == ROOT or (number == os.getegid() and not _has_others(number, os.geteuid()))
        if not trusted:
            return f"the {kind} {number} can write"
    return None


def folder_danger(path: str) -> str | None:
    """Say how others can add files to a folder and replace those in it; None if they cannot, or if there is no such folder.

    Another group may if nobody is in it, like the one to which Debian leaves /usr/local.
    """
    if os.name != "posix":
        return None
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    if danger := own_danger(status):
        return danger
    for kind, number in () if _is_sticky(status) else _writers(path, status):
        if number not in _trusted_users() if kind == _USER else number != ROOT and _has_others(number, os.geteuid()):
            return f"the {kind} {number} can write"
    return None


def path_danger(path: str) -> str | None:
    """Say how others can change a file or folder, or replace it; None if they cannot, or if there is no such file."""
    if os.name != "posix":
        return None
    try:
        status = os.stat(path)
        folder = os.path.dirname(os.path.realpath(path))
        link = link_danger(path)
    except (OSError, ValueError):
        return None
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        return None
    return own_danger(status) or group_danger(path, status) or link or _replacement_danger(folder, "its folder")


def link_danger(path: str) -> str | None:
    """Say how others can make the path of an existing file lead elsewhere; None if they cannot."""
    while os.path.islink(path):
        folder = os.path.dirname(os.path.abspath(path))
        owner = os.lstat(path).st_uid
        if owner not in _trusted_users():
            return f"is reached by a link that belongs to another user ({owner})"
        if danger := _replacement_danger(folder, "the folder of a link to it"):
            return danger
        path = os.path.join(folder, os.readlink(path))
    return None


def others_can_change(path: str) -> str | None:
    """Say how others can change a file, or replace it or any folder above it; None if they cannot."""
    if os.name != "posix":
        return None
    return path_danger(path) or _danger_above(path)


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
        danger = own_danger(status, users) or (
            None if _is_sticky(status) else group_danger(each, status, users=users, groups=groups)
        )
        if danger is not None:
            return each, danger
    return None


def _is_sticky(status: os.stat_result) -> bool:
    """Tell whether this is a folder like /tmp, in which only its owner can remove or rename a file."""
    return stat.S_ISDIR(status.st_mode) and bool(status.st_mode & stat.S_ISVTX)


def _trusted_users() -> tuple[int, ...]:
    return ROOT, os.geteuid()


def _writers(path: str, status: os.stat_result) -> Iterator[tuple[str, int]]:
    """Yield who can write by the group bits of the mode: a group, or all that an access list names, whose mask they are."""
    if not status.st_mode & stat.S_IWGRP:
        return
    entries = _access_list(path)
    if entries is None:
        yield _GROUP, status.st_gid
        return
    mask = next((permissions for tag, permissions, _ in entries if tag == _ACL_MASK), _ACL_WRITE)
    for tag, permissions, number in entries:
        if tag in _ACL_KINDS and permissions & mask & _ACL_WRITE:
            yield _ACL_KINDS[tag], status.st_gid if tag == _ACL_GROUP_OBJECT else number


def _access_list(path: str) -> list[tuple[int, int, int]] | None:
    """Return the tag, permissions and number of each entry of a POSIX access list, or None if there is none."""
    if not hasattr(os, "getxattr"):
        return None
    try:
        content = os.getxattr(path, "system.posix_acl_access")
    except OSError as error:
        if error.errno in (errno.ENODATA, errno.ENOTSUP, errno.ENOSYS):
            return None
        from pip_guard.errors import GuardError

        raise GuardError(
            f"The access list of {path} cannot be read ({error.strerror}), so that others may be able to write it.",
            hint="Move what pip reads to another file system.",
        ) from None
    return list(struct.iter_unpack("<HHI", content[4:]))


@functools.cache
def _has_others(group: int, user: int) -> bool:
    """Tell whether anybody but root and a user is in a group, as a member or because it is their primary group."""
    import grp
    import pwd

    trusted = {ROOT, user}
    accounts = pwd.getpwall()
    if any(account.pw_gid == group and account.pw_uid not in trusted for account in accounts):
        return True
    try:
        members = grp.getgrgid(group).gr_mem
    except KeyError:
        return False
    own_names = {account.pw_name for account in accounts if account.pw_uid in trusted}
    return not own_names.issuperset(members)


def _danger_above(path: str) -> str | None:
    """Say how others can replace a folder above a path."""
    for folder in _folders_above(os.path.realpath(path)):
        if danger := folder_danger(folder):
            relation = "which" if danger.startswith("belongs") else "into which"
            return f"is in {folder}, {relation} {danger}"
    return None


def _bytecode_danger(folder: str) -> str | None:
    """Say who can put bytecode into a folder, even one like /tmp: Python loads files of predictable names from it."""
    try:
        status = os.stat(folder)
    except (OSError, ValueError):
        return _danger_above(folder)
    if status.st_mode & stat.S_IWOTH:
        return "others can write"
    return own_danger(status) or group_danger(folder, status) or _danger_above(folder)


def _replacement_danger(folder: str, what: str) -> str | None:
    """Say who can replace what is in a folder; the owner of a folder like /tmp can, too."""
    danger = folder_danger(folder)
    if danger is None:
        return None
    if danger.startswith("belongs"):
        return f"another user ({os.stat(folder).st_uid}) can replace, because {what} is theirs"
    return f"{danger.removesuffix(' can write')} can replace, because they can write {what}"


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
