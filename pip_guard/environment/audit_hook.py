"""Refuse to start processes and to open connections, with an audit hook (PEP 578), which nothing can remove.

The hook does not depend on pip or on any other check: if one of those misses a build or a request, it still cannot start. It
decides by the arguments of an event, never by a name alone.
"""

from __future__ import annotations

import functools
import os
import re
import sys
from collections.abc import Callable, Sequence, Set
from typing import Any, Protocol, TypeAlias

# The programs that pip starts for its User-Agent header, and the standard library for platform names. They are found on PATH,
# where the next command would run a wheel's console script of that name; pip does without them silently.
PROBES = frozenset({"lsb_release", "uname", "rustc", "oslevel"})
# Every event by which CPython announces a new process: https://docs.python.org/3/library/audit_events.html
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
# The events by which CPython announces a process a second time, after `subprocess.Popen`: always on Windows, and elsewhere since
# Python 3.13 where it can use `posix_spawn`.
HAND_OVERS = frozenset({"os.posix_spawn", "_winapi.CreateProcess"})
# Every event for looking up a host, and the one for contacting it.
LOOK_UPS = frozenset({"socket.getaddrinfo", "socket.gethostbyname"})
CONNECT = "socket.connect"
# The address of a host and a port, as in the socket module.
Address: TypeAlias = "tuple[object, object]"
_MUSL_LOADER = re.compile(r"/lib/ld-musl-[\w.-]+\.so\.1")
_MAC_VERSION = ("-sS", "-c", "import platform; print(platform.mac_ver()[0])")


class ProcessPolicy(Protocol):
    """Decide which processes pip may start."""

    def permits(self, arguments: Sequence[str], working_directory: str | None) -> bool:
        """Tell whether exactly these arguments, in this folder, belong to an allowed build or clone."""


def install(
    permits: ProcessPolicy,
    *,
    may_connect: Callable[[str, int | None], None],
    refuse: Callable[[str], BaseException | None],
) -> None:
    """Refuse processes and connections until the interpreter ends, except permitted ones."""
    addresses: set[Address] = set()
    _remember_addresses(addresses)
    sys.addaudithook(make_hook(permits, may_connect=may_connect, refuse=refuse, addresses=addresses))


def _remember_addresses(addresses: set[Address]) -> None:
    """Record the addresses that look-ups return from now on, since audit events do not contain them."""
    import socket

    look_up = socket.getaddrinfo

    @functools.wraps(look_up)
    def getaddrinfo(host: bytes | str | None, *args: Any, **kwargs: Any) -> list[Any]:
        found = look_up(host, *args, **kwargs)
        if host:
            addresses.update(address[:2] for *_, address in found)
        return found

    socket.getaddrinfo = getaddrinfo


def make_hook(
    permits: ProcessPolicy,
    *,
    may_connect: Callable[[str, int | None], None],
    refuse: Callable[[str], BaseException | None],
    addresses: Set[Address],
) -> Callable[[str, tuple[object, ...]], None]:
    """Return the audit hook.

    `may_connect` raises the error that stops a connection to a host and port; `refuse` returns the one that stops a program, or
    None if the policy lets it start; `addresses` are those of hosts whose look-up was permitted. They are kept in a closure, where
    no later code can replace them.
    """
    permitted: list[tuple[object, ...]] = []

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event in HAND_OVERS and arguments[:2] in permitted:
            permitted.clear()
        elif event in STARTS:
            command = _command(event, arguments)
            if command and os.path.basename(command[0]) in PROBES:
                raise PermissionError(f"pip-guard does not start {command[0]}")
            allowed = event == "subprocess.Popen" and (
                _is_platform_probe(command) or permits.permits(command, _working_directory(arguments))
            )
            if not allowed and (refusal := refuse(command[0] if command else event)) is not None:
                raise refusal
            permitted[:] = [arguments[:2]]
        elif event in LOOK_UPS:
            host, port = arguments[0], arguments[1] if len(arguments) > 1 else None
            if host:
                may_connect(_text(host), _port(port))
        elif event == CONNECT:
            address = arguments[1]
            if isinstance(address, tuple) and address[:2] not in addresses:
                may_connect(_text(address[0]), _port(address[1]))

    return hook


def _port(value: object) -> int | None:
    return int(value) if isinstance(value, (int, str, bytes)) and str(value).isdigit() else None


def _command(event: str, arguments: tuple[object, ...]) -> tuple[str, ...]:
    """Return the program and its arguments, as far as an event tells them."""
    if event == "subprocess.Popen":
        # (executable, args, cwd, env); the executable is what runs, whatever args[0] says
        executable, command = arguments[0], arguments[1]
        words = tuple(map(_text, command)) if isinstance(command, (list, tuple)) else (_text(command),)
        return (_text(executable), *words[1:]) if executable is not None else words
    return tuple(map(_text, arguments[:1]))


def _working_directory(arguments: tuple[object, ...]) -> str | None:
    directory = arguments[2]
    return None if directory is None else _text(directory)


def _is_platform_probe(command: tuple[str, ...]) -> bool:
    """Recognise the programs that pip starts to find out its wheel tags: the musl loader, and a query of the macOS version."""
    if len(command) == 1:
        return _MUSL_LOADER.fullmatch(command[0]) is not None
    return sys.platform == "darwin" and command == (sys.executable, *_MAC_VERSION)


def _text(value: object) -> str:
    # NOTE: a process function accepts anything; what is not a path is shown by its repr, and refused.
    return os.fsdecode(value) if isinstance(value, (str, bytes, os.PathLike)) else repr(value)
