"""Give the tests temporary folders that another user can enter."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import stat
import tempfile
from pathlib import Path

IN_MEMORY = Path("/dev/shm")
ENOUGH = 1 << 30  # bytes; a virtual environment has 15 million


@functools.cache
def session_folder() -> Path:
    """Make the folder that holds everything of this test process; it goes when the process ends.

    pytest's own temporary folders are closed to every user but the one that runs the tests.
    """
    folder = Path(tempfile.mkdtemp(prefix="pip-guard-tests-", dir=parent_folder())).resolve()
    folder.chmod(0o755)
    atexit.register(remove, folder, os.getpid())
    return folder


def new_folder(prefix: str) -> Path:
    """Make a folder within the session's, open to every user."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=session_folder()))
    folder.chmod(0o755)
    return folder


def parent_folder() -> Path:
    """Find a temporary folder that every user can enter: the one that TMPDIR names, one in memory, the system's.

    Virtual environments have a thousand files: to make and remove one takes a tenth of the time in memory.
    """
    chosen = [Path(os.environ["TMPDIR"])] if "TMPDIR" in os.environ else []
    folders = [*chosen, IN_MEMORY, Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]
    return next((folder for folder in folders if is_public(folder) and has_room(folder)), Path(tempfile.gettempdir()))


def is_public(folder: Path) -> bool:
    """Say whether every user can enter a folder, and this one write to it."""
    path = folder.resolve()
    enterable = all(each.is_dir() and each.stat().st_mode & stat.S_IXOTH for each in [path, *path.parents])
    return enterable and os.access(path, os.W_OK)


def has_room(folder: Path) -> bool:
    """Say whether a file system has room, and lets programs start: in containers the one in memory often does not."""
    if shutil.disk_usage(folder).free < ENOUGH:
        return False
    return not hasattr(os, "statvfs") or not os.statvfs(folder).f_flag & os.ST_NOEXEC


def remove(folder: Path, process: int) -> None:
    """Remove a folder, unless this is a fork of the process that made it."""
    if os.getpid() == process:
        shutil.rmtree(folder, ignore_errors=True)
