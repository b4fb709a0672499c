"""Read files that anybody can have put there: regular ones alone, and no more of them than is wanted."""

from __future__ import annotations

import hashlib
import os
import stat
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager

# NOTE: a FIFO would be waited for by whoever opens it, unless it is told not to.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_PIECE = 1 << 20


class UnreadableFileError(Exception):
    """There is no file that can be read; the message says why. `gone` if there is nothing at all."""

    def __init__(self, reason: str, *, gone: bool = False) -> None:
        super().__init__(reason)
        self.gone = gone


def read_file(path: str, limit: int) -> bytes:
    """Return the content of a file. Raises `UnreadableFileError`, also for one with more bytes than `limit`."""
    with _open(path) as descriptor:
        pieces = []
        left = limit + 1
        while left and (piece := os.read(descriptor, min(left, _PIECE))):
            pieces.append(piece)
            left -= len(piece)
    if not left:
        raise UnreadableFileError("is too large")
    return b"".join(pieces)


def hash_file(path: str, algorithm: str) -> str:
    """Return the hash of a file in the notation of RECORD, however large it is. Raises `UnreadableFileError`."""
    with _open(path) as descriptor:
        digest = hashlib.new(algorithm, usedforsecurity=False)
        while piece := os.read(descriptor, _PIECE):
            digest.update(piece)
    return f"{algorithm}={urlsafe_b64encode(digest.digest()).rstrip(b'=').decode()}"


@contextmanager
def _open(path: str) -> Iterator[int]:
    try:
        descriptor = os.open(path, _FLAGS)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise UnreadableFileError("is no regular file")
            yield descriptor
        finally:
            os.close(descriptor)
    except (FileNotFoundError, NotADirectoryError):
        raise UnreadableFileError("is gone", gone=True) from None
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        raise UnreadableFileError(f"cannot be read ({getattr(error, 'strerror', None) or error})") from None
