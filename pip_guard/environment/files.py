"""Read regular files of limited size, replace files atomically, and keep a private cache."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from itertools import islice

# NOTE: without O_NONBLOCK, opening a FIFO blocks until it is opened for writing.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_CHUNK = 1 << 20


class UnreadableFileError(Exception):
    """Say why a file cannot be read; `gone` if it does not exist."""

    def __init__(self, reason: str, *, gone: bool = False) -> None:
        super().__init__(reason)
        self.gone = gone


def read_file(path: str, limit: int) -> bytes:
    """Return the content of a file. Raises `UnreadableFileError`, also if it is larger than `limit` bytes."""
    with _open(path) as descriptor:
        chunks = []
        left = limit + 1
        while left and (chunk := os.read(descriptor, min(left, _CHUNK))):
            chunks.append(chunk)
            left -= len(chunk)
    if not left:
        raise UnreadableFileError("is too large")
    return b"".join(chunks)


def read_file_if_possible(path: str, limit: int) -> bytes | None:
    """Return the content of a file, or None if it cannot be read or is larger than `limit` bytes."""
    try:
        return read_file(path, limit)
    except UnreadableFileError:
        return None


def hash_file(path: str, algorithm: str) -> str:
    """Return the hash of a file of any size in the notation of RECORD. Raises `UnreadableFileError`."""
    with _open(path) as descriptor:
        digest = hashlib.new(algorithm, usedforsecurity=False)
        while chunk := os.read(descriptor, _CHUNK):
            digest.update(chunk)
    return record_hash(algorithm, digest.digest())


def record_hash(algorithm: str, digest: bytes) -> str:
    """Return a hash in the notation of RECORD."""
    return f"{algorithm}={urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def list_folder(path: str, *, most: int | None = None) -> list[str]:
    """Return the names in a folder, sorted and no more than `most` of them, or none if it cannot be read."""
    try:
        with os.scandir(path) as entries:
            return sorted(entry.name for entry in islice(entries, most))
    except OSError:
        return []


def scan_folder(path: str) -> list[os.DirEntry[str]]:
    """Return the entries of a folder in the order of their names, or none if it cannot be read."""
    try:
        with os.scandir(path) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []


@contextlib.contextmanager
def _open(path: str) -> Iterator[int]:
    try:
        descriptor = os.open(path, _FLAGS)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise UnreadableFileError("is not a regular file")
            yield descriptor
        finally:
            os.close(descriptor)
    except (FileNotFoundError, NotADirectoryError):
        raise UnreadableFileError("is gone", gone=True) from None
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        raise UnreadableFileError(f"cannot be read ({getattr(error, 'strerror', None) or error})") from None


def replace_file(
    path: str, content: bytes, *, durable: bool = True, prepare: Callable[[str], None] | None = None
) -> None:
    """Replace a file atomically. Raises `OSError`.

    `durable` waits until the content is on disk. The new file is private to the user; `prepare` gets its temporary path, and can
    change that before it replaces the old one.
    """
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path), prefix=f".{os.path.basename(path)}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        if prepare is not None:
            prepare(temporary)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


class PrivateCache:
    """A folder of files that may be lost at any time, created on the first write and ignored if others can write to it."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def find(self, name: str) -> str | None:
        """Return the path of a file, whether or not it exists, or None if the folder is not private."""
        return os.path.join(self.folder, name) if _is_private(self.folder) else None

    def read(self, name: str) -> bytes | None:
        """Return the content of a file, or None if there is none to trust."""
        path = self.find(name)
        try:
            if path is None:
                return None
            with open(path, "rb") as file:
                return file.read()
        except OSError:
            return None

    def write(self, name: str, content: bytes) -> bool:
        """Write a file, and return whether that worked; nothing depends on it."""
        try:
            os.makedirs(self.folder, mode=0o700, exist_ok=True)
            path = self.find(name)
            if path is not None:
                replace_file(path, content, durable=False)
        except OSError:
            return False
        return path is not None

    def prune(self, *, before: float, limit: int) -> None:
        """Remove the files written before a time, if there are more than `limit` files in all."""
        try:
            with os.scandir(self.folder) as entries:
                found = list(entries)
            old = [entry.path for entry in found if entry.stat().st_mtime < before] if len(found) > limit else []
        except OSError:  # another process prunes, too
            return
        for path in old:
            with contextlib.suppress(OSError):
                os.unlink(path)


def _is_private(folder: str) -> bool:
    try:
        status = os.lstat(folder)
    except OSError:
        return False
    if not hasattr(os, "geteuid"):
        return stat.S_ISDIR(status.st_mode)
    # NOTE: where there is an access list, the group bits are its mask, so nobody can write by it either.
    others_can_write = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not others_can_write
