"""Run as an ordinary user where the tests themselves run as root: pip-guard refuses root."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.kit.folders import new_folder

ORDINARY_USER = 24801  # neither this user nor its group has to exist
DISTRIBUTION_PYTHON = Path("/usr/bin/python3")
NOT_COPIED = shutil.ignore_patterns(
    *("site-packages", "dist-packages", "sitecustomize.py", "test", "tests", "idlelib", "tkinter", "turtledemo"),
    *("lib2to3", "config-3*"),
)
DESCRIBE = """
import ensurepip, json, sys, sysconfig, venv
executable = getattr(sys, "_base_executable", sys.executable)
print(json.dumps({"version": sys.version_info[:2], "prefix": sys.base_prefix, "executable": executable}))
"""


def ordinary_user() -> int | None:
    """Return the user that commands run as: None means the one that runs the tests."""
    return ORDINARY_USER if os.geteuid() == 0 else None


def give(path: Path, user: int | None) -> None:
    """Make a user the owner of a file, or of a folder and everything in it."""
    if user is None:
        return
    os.chown(path, user, user, follow_symlinks=False)
    for folder, folders, files in os.walk(path):
        for name in (*folders, *files):
            os.chown(Path(folder, name), user, user, follow_symlinks=False)


def interpreter_for(user: int | None, python: Path) -> Path:
    """Find an interpreter of the same version as `python` that a user can run; copy `python` where there is none."""
    if user is None or describe(python, user) is not None:
        return python
    return readable_interpreter(user, python)


@functools.cache
def readable_interpreter(user: int, python: Path) -> Path:
    """Use the distribution's interpreter, or a copy of an installation that only root can enter."""
    wanted = describe(python, None)
    if wanted is None:
        raise AssertionError(f"{python} does not run, or has no venv or ensurepip")
    offered = describe(DISTRIBUTION_PYTHON, user)
    if offered is not None and offered["version"] == wanted["version"]:
        return DISTRIBUTION_PYTHON
    copy = copy_installation(Path(str(wanted["prefix"])), Path(str(wanted["executable"])).resolve())
    if describe(copy, user) is None:
        pytest.skip(f"no interpreter like {python} can be run by an ordinary user, and a copy of it does not start")
    return copy


def describe(python: Path, user: int | None) -> dict[str, object] | None:
    """Ask an interpreter what it is; None where a user cannot run it or it has no venv or ensurepip."""
    if not os.path.lexists(python):
        return None
    try:
        asked = subprocess.run(
            [python, "-I", "-c", DESCRIBE],
            capture_output=True,
            cwd="/",
            check=False,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
        )
    except PermissionError:
        return None
    return dict(json.loads(asked.stdout)) if asked.returncode == 0 else None


def copy_installation(prefix: Path, executable: Path) -> Path:
    """Copy an installation, without what is installed into it, where every user can read it."""
    target = new_folder("interpreter-")
    library = f"python{executable.name.removeprefix('python')}"
    (target / "bin").mkdir()
    shutil.copytree(prefix / "lib" / library, target / "lib" / library, symlinks=True, ignore=NOT_COPIED)
    (target / "lib" / library / "site-packages").mkdir()
    for shared in (prefix / "lib").glob("libpython*.so*"):
        shutil.copy2(shared, target / "lib" / shared.name, follow_symlinks=False)
    copied = target / "bin" / executable.name
    copied.write_bytes(relocated(executable.read_bytes(), prefix / "lib"))
    copied.chmod(0o755)
    (target / "bin" / "python3").symlink_to(executable.name)
    return copied


def relocated(executable: bytes, library_folder: Path) -> bytes:
    """Let an executable look for libpython next to itself; NOTE: the name in the file keeps its length."""
    old = os.fsencode(library_folder) + b"\0"
    new = b"$ORIGIN/../lib\0"
    return executable.replace(old, new.ljust(len(old), b"\0")) if len(new) <= len(old) else executable
