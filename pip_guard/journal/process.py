"""Find out who runs a command, where, and with which programs."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from pip_guard import __version__
from pip_guard.frozen import frozen


@frozen
class ProcessInfo:
    """The command line as it was typed, without the name of the program, and all around it; None is what nobody knows."""

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
        # NOTE: it is not imported for this; it may be the very thing that is refused.
        pip=getattr(sys.modules.get("pip"), "__version__", None),
        python=sys.version.partition(" ")[0],
    )


def _host() -> str:
    if sys.platform == "win32":
        return os.environ.get("COMPUTERNAME", "")
    return os.uname().nodename


def _user() -> str:
    """Return who this process runs as; no variable of the environment can say otherwise on POSIX."""
    if sys.platform == "win32":
        return os.environ.get("USERNAME", "")
    import pwd

    user = os.geteuid()
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:  # in a container, a user need not have a name
        return str(user)


def _working_directory() -> str | None:
    try:
        return os.getcwd()
    except OSError:
        return None
