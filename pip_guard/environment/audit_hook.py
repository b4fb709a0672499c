"""Refuse to start processes and to open connections, by CPython's audit hook (PEP 578), which nothing can remove.

The hook knows nothing of pip and of the other checks: should one of them miss a build or a request, it still cannot start.
It decides by the arguments of the event, never by a name alone.
"""

from __future__ import annotations

import functools
import os
import re
import sys
from collections.abc import Callable, Sequence, Set
from typing import Any, Protocol, TypeAlias

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
# The events with which CPython announces what `subprocess.Popen` has announced before, as it hands it to the system: always on
# Windows, and since Python 3.13, where nothing speaks against `posix_spawn`, elsewhere.
HAND_OVERS = frozenset({"os.posix_spawn", "_winapi.CreateProcess"})
# Every event with which a host is looked up, and the one with which it is contacted.
LOOK_UPS = frozenset({"socket.getaddrinfo", "socket.gethostbyname"})
CONNECT = "socket.connect"
# A host's address and a port, as the socket module has them.
Address: TypeAlias = "tuple[object, object]"
_MUSL_LOADER = re.compile(r"/lib/ld-musl-[\w.-]+\.so\.1")
_MAC_VERSION = ("-sS", "-c", "import platform; print(platform.mac_ver()[0])")


class ProcessPolicy(Protocol):
    """Say which processes the policy lets pip start."""

    def permits(self, arguments: Sequence[str], working_directory: str | None) -> bool:
        """Tell whether these very arguments, in this directory, belong to a build or a clone that is allowed."""


def install(
    permits: ProcessPolicy,
    *,
    may_connect: Callable[[str, int | None], None],
    refuse: Callable[[str], BaseException | None],
) -> None:
    """Refuse processes and connections from now on until the interpreter ends, except what is permitted."""
    addresses: set[Address] = set()
    _remember_addresses(addresses)
    sys.addaudithook(make_hook(permits, may_connect=may_connect, refuse=refuse, addresses=addresses))


def _remember_addresses(addresses: set[Address]) -> None:
    """Take note of the addresses that look-ups return from now on: the event that announces one does not tell them."""
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

    `may_connect` raises what stops a connection to a host and port; `refuse` returns what stops a program, or None where the
    policy lets it start; `addresses` are those of hosts that were looked up because they may be connected to. All are kept
    where no later code can replace them.
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
