"""Describe the process of a command: its user, its working directory, its interpreter and its versions."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from pip_guard import __version__
from pip_guard.frozen import frozen


@frozen
class ProcessInfo:
    """The arguments of a command, and its process; None where something is unknown."""

    host: str
    user: str
    pid: int
    cwd: str | None
    argv: tuple[str, ...]
    interpreter: str
    environment: str
    guard: str
    pip: str | None
    python: str


def read_process_info(arguments: Sequence[str]) -> ProcessInfo:
    """Describe this process."""
    return ProcessInfo(
        host=_host(),
        user=_user(),
        pid=os.getpid(),
        cwd=_working_directory(),
        argv=tuple(arguments),
        interpreter=sys.executable,
        environment=sys.prefix,
        guard=__version__,
        # NOTE: never import pip for this; it may be what is refused.
        pip=getattr(sys.modules.get("pip"), "__version__", None),
        python=sys.version.partition(" ")[0],
    )


def _host() -> str:
    if sys.platform == "win32":
        return os.environ.get("COMPUTERNAME", "")
    return os.uname().nodename


def _user() -> str:
    """Return the user of this process; on POSIX, no environment variable can change it."""
    if sys.platform == "win32":
        return os.environ.get("USERNAME", "")
    import pwd

    user = os.geteuid()
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:  # in a container, a user may have no name
        return str(user)


def _working_directory() -> str | None:
    try:
        return os.getcwd()
    except OSError:
        return None
