"""Run commands in an environment that nothing of this machine leaks into."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.kit import measuring

PASSED_THROUGH = ("SYSTEMROOT",)
DEFAULT_PATH = ("/usr/local/bin", "/usr/bin", "/bin")


@dataclass(frozen=True, kw_only=True, slots=True)
class Completed:
    """What a command wrote, and how it ended."""

    argv: tuple[str, ...]
    returncode: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        """Both streams, stdout first."""
        return self.stdout + self.stderr

    def check(self) -> Completed:
        """Fail unless the command succeeded."""
        assert self.returncode == 0, str(self)
        return self

    def __str__(self) -> str:
        return f"$ {' '.join(self.argv)}\n{self.stdout}\n--- stderr ---\n{self.stderr}\n--- exit code {self.returncode} ---"


def clean_environ(home: Path, **extra: str) -> dict[str, str]:
    """Build an environment from nothing but a home folder, with `extra` on top.

    pip finds no configuration file, unless `extra` has another PIP_CONFIG_FILE.
    """
    return {
        **{name: os.environ[name] for name in PASSED_THROUGH if name in os.environ},
        "PATH": search_path(),
        "HOME": str(home),
        "TMPDIR": str(home / "tmp"),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_CONFIG_DIRS": str(home.parent / "etc"),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "XDG_DATA_HOME": str(home / ".local" / "share"),
        "XDG_STATE_HOME": str(home / ".local" / "state"),
        "LANG": "C.UTF-8",
        "NO_PROXY": "localhost,127.0.0.1",
        "PIP_CONFIG_FILE": os.devnull,
        **measuring.environ(),
        **extra,
    }


def search_path() -> str:
    """Return a PATH of the system's own folders, and git's."""
    git = shutil.which("git")
    folders = [*DEFAULT_PATH, *([str(Path(git).parent)] if git else [])]
    return os.pathsep.join(dict.fromkeys(folders))


def run(
    argv: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    cwd: Path,
    user: int | None = None,
    timeout: float = 60,
    stdin: str | None = None,
) -> Completed:
    """Run a command as a user, by default the one that runs the tests; standard input is empty unless given."""
    if user == os.geteuid():
        user = None
    if user is not None and os.geteuid() != 0:
        pytest.skip(f"only root can run a command as user {user}")
    ended = subprocess.run(
        [str(argument) for argument in argv],
        env=env,
        cwd=cwd,
        user=user,
        group=user,
        extra_groups=None if user is None else [],
        timeout=timeout,
        input=stdin or "",
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    return Completed(
        argv=tuple(str(argument) for argument in argv),
        returncode=ended.returncode,
        stdout=ended.stdout,
        stderr=ended.stderr,
    )
