"""Keep files in the user's cache folder: private, replaced at once, and never believed if others could have written them."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile


class PrivateCache:
    """A folder of files that can be lost at any time; `folder` is made when something is first written."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._is_private: bool | None = None

    def find(self, name: str) -> str | None:
        """Return where a file is, or would be, kept; None if it could not be believed."""
        return os.path.join(self.folder, name) if self._can_be_believed() else None

    def read(self, name: str) -> bytes | None:
        """Return the content of a file, or None if there is none that can be believed."""
        path = self.find(name)
        try:
            if path is None:
                return None
            with open(path, "rb") as file:
                return file.read()
        except OSError:
            return None

    def write(self, name: str, content: bytes) -> bool:
        """Put a file in place at once; return whether that could be done, because nothing depends on it."""
        temporary = None
        try:
            os.makedirs(self.folder, mode=0o700, exist_ok=True)
            self._is_private = None
            path = self.find(name)
            if path is None:
                return False
            handle, temporary = tempfile.mkstemp(dir=self.folder)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.replace(temporary, path)
        except OSError:
            self._remove(temporary)
            return False
        return True

    def prune(self, *, before: float, limit: int) -> None:
        """Remove the files that were written before a time, if there are more than `limit` files."""
        try:
            with os.scandir(self.folder) as entries:
                found = list(entries)
            old = [entry.path for entry in found if entry.stat().st_mtime < before] if len(found) > limit else []
        except OSError:  # another process does the same
            return
        for path in old:
            self._remove(path)

    def _can_be_believed(self) -> bool:
        if self._is_private is None:
            self._is_private = _is_private(self.folder)
        return self._is_private

    def _remove(self, path: str | None) -> None:
        if path is not None:
            with contextlib.suppress(OSError):
                os.unlink(path)


def _is_private(folder: str) -> bool:
    try:
        status = os.lstat(folder)
    except OSError:
        return False
    if not hasattr(os, "geteuid"):
        return stat.S_ISDIR(status.st_mode)
    others_can_write = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not others_can_write
