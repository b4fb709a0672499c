"""Append lines to a private file that several processes write to."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import time
from collections.abc import Iterator

from pip_guard.environment.permissions import folder_danger

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

# How many older files are kept.
KEPT = 5
# Elsewhere, owners and modes do not say who has access.
POSIX = os.name == "posix"
# Seconds; the lock is normally held for less than a millisecond.
PATIENCE = 2.0
PAUSE = 0.002
_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
# A FIFO in place of the journal must not block.
_SAFELY = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


NO_SYSLOG = "was written, but there is no syslog on this machine to copy it to"


class UnwritableError(Exception):
    """Say why a line cannot be written, in words that follow the name of the file."""


def append(path: str, line: bytes, *, max_size: int, patience: float = PATIENCE) -> None:
    """Append a line, starting a new file if the current one would become too large. Raises `UnwritableError`.

    `patience` is how many seconds to wait for the lock.
    """
    try:
        _make_folder(os.path.dirname(path))
        with _locked(f"{path}.lock", patience):
            if _size(path) + len(line) > max_size:
                _rotate(path)
            _append(path, line)
    except OSError as error:
        raise UnwritableError(f"cannot be written ({error.strerror or error})") from None


def rotated(path: str, number: int) -> str:
    """Return the name of an older file; a larger number is older."""
    return f"{path}.{number}"


def _make_folder(folder: str) -> None:
    os.makedirs(folder, mode=0o700, exist_ok=True)
    if POSIX and (danger := folder_danger(folder)):
        raise UnwritableError(f"is in a folder that {danger}")


def _append(path: str, line: bytes) -> None:
    handle = _open(path)
    try:
        size = os.lseek(handle, 0, os.SEEK_END)
        # A process that was killed while writing may have left half a line, which must not merge with this one.
        if size and not _ends_line(handle, size):
            line = b"\n" + line
        if os.write(handle, line) != len(line):
            os.ftruncate(handle, size)
            raise UnwritableError("cannot be written (no space left for the record)")
    finally:
        os.close(handle)


def _open(path: str) -> int:
    if os.path.islink(path):
        raise UnwritableError("is a symbolic link")
    handle = os.open(path, _FLAGS | _SAFELY | os.O_APPEND, 0o600)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise UnwritableError("is not a regular file")
        if POSIX:
            if status.st_uid != os.geteuid():
                raise UnwritableError(f"belongs to another user ({status.st_uid})")
            if stat.S_IMODE(status.st_mode) != 0o600:
                os.fchmod(handle, 0o600)
    except BaseException:
        os.close(handle)
        raise
    return handle


def _ends_line(handle: int, size: int) -> bool:
    os.lseek(handle, size - 1, os.SEEK_SET)
    return os.read(handle, 1) == b"\n"


def _size(path: str) -> int:
    try:
        return os.lstat(path).st_size
    except FileNotFoundError:
        return 0


def _rotate(path: str) -> None:
    """Rename every file to the next number, and drop the oldest; errors are ignored, as a journal that is too large is better than none."""
    for number in range(KEPT - 1, -1, -1):
        newer = rotated(path, number) if number else path
        with contextlib.suppress(OSError):
            os.replace(newer, rotated(path, number + 1))


@contextlib.contextmanager
def _locked(path: str, patience: float) -> Iterator[None]:
    """Hold a lock that the system releases when the process ends, however it ends."""
    handle = os.open(path, _FLAGS | _SAFELY, 0o600)
    try:
        until = time.monotonic() + patience
        while not _try_lock(handle):
            if time.monotonic() > until:
                raise UnwritableError("is locked by another process")
            time.sleep(PAUSE)
        yield
    finally:
        os.close(handle)


def _try_lock(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True
