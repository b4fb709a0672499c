"""Remember what is in folders, tell what has changed in them, and bring it back."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path
from typing import NamedTuple

from tests.kit.users import give

COMPILED = "__pycache__"


class Entry(NamedTuple):
    """What tells that a file, folder or link is still the same: its kind and permissions, size, and time of change."""

    mode: int
    size: int
    changed: int


class Snapshot:
    """The state of a folder, with a copy to bring it back from; compiled modules are not looked at, only their folders."""

    def __init__(self, folder: Path, copy: Path, *, user: int | None) -> None:
        """Take the snapshot; `copy` must not exist yet, and what is brought back will belong to `user`."""
        shutil.copytree(folder, copy, symlinks=True)
        self._folder = folder
        self._copy = copy
        self._user = user
        self._before, self._compiled = scan(folder)

    def changes(self) -> dict[str, Path | None]:
        """Return what was added or changed, by its path within the folder, and what is gone (None)."""
        now, _ = scan(self._folder)
        changed = [path for path, entry in now.items() if self._before.get(path) != entry]
        gone = [path for path in self._before if path not in now]
        return {path: self._folder / path for path in sorted(changed)} | dict.fromkeys(sorted(gone))

    def restore(self) -> None:
        """Bring the folder back to what it was."""
        changes = self.changes()
        for path in sorted(changes, reverse=True):  # what lies in a folder comes before the folder
            if not (path in self._before and is_folder(self._folder / path) and is_folder(self._copy / path)):
                remove(self._folder / path)
        for path in sorted(path for path in changes if path in self._before):
            bring_back(self._copy / path, self._folder / path)
            give(self._folder / path, self._user)
        self._before, compiled = scan(self._folder)
        # What is in one does not matter, but pip says so if one is in its way.
        for path in compiled - self._compiled:
            remove(self._folder / path)
        for path in self._compiled - compiled:
            (self._folder / path).mkdir()
            give(self._folder / path, self._user)

    def renew(self) -> None:
        """Take the snapshot again, of what the folder is now."""
        now, self._compiled = scan(self._folder)
        for path in sorted(self._before, reverse=True):
            if now.get(path) != self._before[path] and not (
                is_folder(self._folder / path) and is_folder(self._copy / path)
            ):
                remove(self._copy / path)
        for path in sorted(path for path in now if now[path] != self._before.get(path)):
            bring_back(self._folder / path, self._copy / path)
        self._before = now


def scan(folder: Path) -> tuple[dict[str, Entry], frozenset[str]]:
    """Describe everything below a folder by its path within; of folders themselves only the permissions count.

    Folders of compiled modules are returned apart, and without what is in them.
    """
    found: dict[str, Entry] = {}
    compiled: set[str] = set()
    folders = [""]
    while folders:
        prefix = folders.pop()
        with os.scandir(folder / prefix) as entered:
            for each in entered:
                path = f"{prefix}{each.name}"
                if each.name == COMPILED:
                    compiled.add(path)
                    continue
                status = each.stat(follow_symlinks=False)
                if stat.S_ISDIR(status.st_mode):
                    folders.append(f"{path}/")
                    found[path] = Entry(status.st_mode, 0, 0)
                else:
                    found[path] = Entry(status.st_mode, status.st_size, status.st_mtime_ns)
    return found, frozenset(compiled)


def is_folder(path: Path) -> bool:
    """Tell whether a path is a folder, and no link to one."""
    return path.is_dir() and not path.is_symlink()


def remove(path: Path) -> None:
    """Remove whatever is there."""
    if is_folder(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        path.unlink()


def bring_back(source: Path, target: Path) -> None:
    """Copy a file, or make a folder, whose contents are brought back one by one."""
    if is_folder(source):
        target.mkdir(exist_ok=True)
        shutil.copymode(source, target)
    else:
        shutil.copy2(source, target, follow_symlinks=False)
