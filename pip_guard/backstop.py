"""Refuse to start processes, by CPython's audit hook (PEP 578), which nothing can remove.

The hook knows nothing of pip and of the other checks: should one of them miss a build, the build still cannot start. It
decides by the arguments of the event, never by a name alone.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import Protocol

# What pip asks for its User-Agent header, and the standard library for platform names. They are found through PATH, where a
# wheel's console script of that name would be run by the next command; pip falls back silently when they cannot be started.
PROBES = frozenset({"lsb_release", "uname", "rustc", "oslevel"})
# Every event with which CPython announces a new process: https://docs.python.org/3/library/audit_events.html
STARTS = frozenset(
    {
        "subprocess.Popen",
        "os.exec",
        "os.fork",
        "os.forkpty",
        "os.posix_spawn",
        "os.spawn",
        "os.startfile",
        "os.startfile/2",
        "os.system",
        "pty.spawn",
        "_winapi.CreateProcess",
    }
)
_MUSL_LOADER = re.compile(r"/lib/ld-musl-[\w.-]+\.so\.1")
_MAC_VERSION = ("-sS", "-c", "import platform; print(platform.mac_ver()[0])")


class Permits(Protocol):
    """Say which processes the policy lets pip start."""

    def permits(self, arguments: Sequence[str], working_directory: str | None) -> bool:
        """Tell whether these very arguments, in this directory, belong to a build or a clone that is allowed."""


def seal(permits: Permits, refuse: Callable[[str], BaseException]) -> None:
    """Refuse every process from now on until the interpreter ends, except what `permits` lets pass.

    `refuse` takes the program and returns the exception that stops it. Both are kept where no later code can replace them.
    """

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event not in STARTS:
            return
        command = _command(event, arguments)
        if command and os.path.basename(command[0]) in PROBES:
            raise PermissionError(f"pip-guard does not start {command[0]}")
        if event == "subprocess.Popen":
            if _is_platform_probe(command) or permits.permits(command, _working_directory(arguments)):
                return
        raise refuse(command[0] if command else event)

    sys.addaudithook(hook)


def _command(event: str, arguments: tuple[object, ...]) -> tuple[str, ...]:
    """Return the program and its arguments, as far as the event tells them."""
    if event == "subprocess.Popen":
        # (executable, args, cwd, env); the executable is what runs, whatever the arguments call it
        executable, command = arguments[0], arguments[1]
        words = tuple(map(_text, command)) if isinstance(command, (list, tuple)) else (_text(command),)
        return (_text(executable), *words[1:]) if executable is not None else words
    return tuple(map(_text, arguments[:1]))


def _working_directory(arguments: tuple[object, ...]) -> str | None:
    directory = arguments[2]
    return None if directory is None else _text(directory)


def _is_platform_probe(command: tuple[str, ...]) -> bool:
    """Recognise what pip must ask to know which wheels fit: the musl loader, and macOS's own version."""
    if len(command) == 1:
        return _MUSL_LOADER.fullmatch(command[0]) is not None
    return sys.platform == "darwin" and command == (sys.executable, *_MAC_VERSION)


def _text(value: object) -> str:
    # NOTE: anything may be passed to a process function; what cannot be read as a path is shown as it is, and refused.
    return os.fsdecode(value) if isinstance(value, (str, bytes, os.PathLike)) else repr(value)
