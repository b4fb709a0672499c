"""Test that no process starts and no connection opens behind the audit hook.

An audit hook cannot be removed: what really starts or connects is in `tests/process`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from pip_guard.environment.audit_hook import HAND_OVERS, STARTS, make_hook


@pytest.fixture
def program(tmp_path: Path) -> str:
    """Make a program that leaves its mark."""
    path = tmp_path / "program"
    path.write_text(f"#!/bin/sh\necho started > {tmp_path / 'sentinel'}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


class RefusedError(Exception):
    """Stops what the hook refuses."""


def test_starts_what_the_policy_lets_start() -> None:
    hook = make_hook(Hook(), may_connect=lambda host, port: None, refuse=lambda program: None, addresses=set())
    hook("subprocess.Popen", ("/bin/true", ["true"], None, None))
    hook("os.system", ("true",))


class Hook:
    """An audit hook that this interpreter does not have, and what it asks."""

    def __init__(self, *permitted: tuple[str, ...]) -> None:
        self.offered: list[tuple[tuple[str, ...], str | None]] = []
        self.asked: list[tuple[str, int | None]] = []
        self._permitted = permitted
        self.addresses: set[tuple[object, object]] = set()
        self._hook = make_hook(self, may_connect=self._may_connect, refuse=RefusedError, addresses=self.addresses)

    def __call__(self, event: str, *arguments: object) -> None:
        self._hook(event, arguments)

    def permits(self, arguments: Sequence[str], working_directory: str | None) -> bool:
        self.offered.append((tuple(arguments), working_directory))
        return tuple(arguments) in self._permitted

    def _may_connect(self, host: str, port: int | None) -> None:
        self.asked.append((host, port))
        if host != "pypi.org":
            raise RefusedError(host)


@pytest.mark.parametrize(
    ("event", "arguments", "refused"),
    [
        pytest.param("os.startfile", ("evil.exe", "open"), "evil.exe", id="os.startfile"),
        pytest.param("os.startfile/2", ("evil.exe", "open", "", None, None), "evil.exe", id="os.startfile/2"),
        pytest.param("os.spawn", (0, "evil.exe", ["evil"], {}), "0", id="os.spawn"),
        pytest.param("_winapi.CreateProcess", ("evil.exe", "evil.exe x", None), "evil.exe", id="CreateProcess"),
        pytest.param("_winapi.CreateProcess", (None, "evil.exe x", None), "None", id="CreateProcess-by-line"),
        pytest.param("subprocess.Popen", (None, "evil.exe x", None, None), "evil.exe x", id="Popen-on-windows"),
        pytest.param("subprocess.Popen", (None, ["evil.exe"], None, None), "evil.exe", id="Popen-list-on-windows"),
        pytest.param("subprocess.Popen", (None, 5, None, None), "5", id="Popen-of-a-number"),
        pytest.param("os.fork", (), "os.fork", id="os.fork"),
    ],
)
def test_refuses_whatever_the_event_tells(event: str, arguments: tuple[object, ...], refused: str) -> None:
    with pytest.raises(RefusedError) as caught:
        Hook()(event, *arguments)
    assert caught.value.args == (refused,)


TRUE = ("/bin/true", ["/bin/true"])


@pytest.mark.parametrize("event", sorted(STARTS - {"subprocess.Popen"}))
def test_permits_no_other_way_to_start_what_popen_may_start(event: str) -> None:
    hook = Hook(("/bin/true",))
    with pytest.raises(RefusedError):
        hook(event, *TRUE, None)
    assert hook.offered == []


@pytest.mark.parametrize("event", sorted(HAND_OVERS))
def test_permits_popen_to_hand_over_what_it_may_start(event: str) -> None:
    hook = Hook(("/bin/true",))
    hook("subprocess.Popen", *TRUE, None, None)
    hook(event, *TRUE, None)
    assert hook.offered == [(("/bin/true",), None)]
    with pytest.raises(RefusedError):
        hook(event, *TRUE, None)


@pytest.mark.parametrize(
    ("event", "arguments"),
    [
        pytest.param("os.posix_spawn", ("/bin/sh", ["/bin/true"], {}), id="other-program"),
        pytest.param("os.posix_spawn", ("/bin/true", ["/bin/true", "x"], {}), id="more-arguments"),
        pytest.param("_winapi.CreateProcess", ("/bin/true", "/bin/true x", None), id="other-command-line"),
        pytest.param("os.exec", ("/bin/true", ["/bin/true"], {}), id="other-event"),
    ],
)
def test_permits_popen_to_hand_over_nothing_else(event: str, arguments: tuple[object, ...]) -> None:
    hook = Hook(("/bin/true",))
    hook("subprocess.Popen", *TRUE, None, None)
    with pytest.raises(RefusedError):
        hook(event, *arguments)


def test_lets_start_what_is_not_refused_after_all() -> None:
    asked = []

    def refuse(program: str) -> None:
        asked.append(program)

    class NoPermits:
        def permits(self, arguments: Sequence[str], working_directory: str | None) -> bool:
            return False

    hook = make_hook(NoPermits(), may_connect=lambda host, port: None, refuse=refuse, addresses=set())
    hook("subprocess.Popen", ("/bin/tool", ["tool", "x"], None, None))
    hook("os.posix_spawn", ("/bin/tool", ["tool", "x"]))
    hook("os.system", (b"tool x",))
    assert asked == ["/bin/tool", "tool x"]
    with pytest.raises(PermissionError):
        hook("os.system", (b"uname",))


def test_refused_popen_hands_nothing_over() -> None:
    hook = Hook()
    for event in ("subprocess.Popen", "os.posix_spawn"):
        with pytest.raises(RefusedError):
            hook(event, *TRUE, None, None)


@pytest.mark.parametrize("event", sorted(STARTS))
@pytest.mark.parametrize("probe", ["uname", "/usr/bin/lsb_release", b"rustc", Path("oslevel")])
def test_refuses_probes_by_every_way(event: str, probe: object) -> None:
    with pytest.raises(PermissionError, match=r"^pip-guard does not start .*"):
        Hook()(event, probe, [probe], None, None)


def test_other_events_pass() -> None:
    hook = Hook()
    for event in ("open", "import", "exec", "os.listdir", "socket.__new__", "socket.bind", "subprocess.popen"):
        hook(event, "/bin/sh", ["/bin/sh"], None)
        hook(event, None, ("192.0.2.1", 443))
    assert (hook.offered, hook.asked) == ([], [])


def test_events_are_all_with_which_cpython_announces_a_process() -> None:
    assert sorted(STARTS) == [
        "_winapi.CreateProcess",
        "os.exec",
        "os.fork",
        "os.forkpty",
        "os.posix_spawn",
        "os.spawn",
        "os.startfile",
        "os.startfile/2",
        "os.system",
        "pty.spawn",
        "subprocess.Popen",
    ]


@pytest.mark.parametrize(
    ("executable", "command", "directory", "offered"),
    [
        pytest.param("/bin/true", ["/bin/true", "x"], None, (("/bin/true", "x"), None), id="list"),
        pytest.param("/bin/true", ("true", b"x"), "/", (("/bin/true", "x"), "/"), id="program-differs-from-its-name"),
        pytest.param(None, ["true", Path("x")], b"/", (("true", "x"), "/"), id="no-program"),
        pytest.param(None, "true x", Path("/"), (("true x",), "/"), id="string"),
        pytest.param(b"/bin/true", ["true"], 5, (("/bin/true",), "5"), id="folder-by-number"),
    ],
)
def test_permits_see_the_very_command(
    executable: object, command: object, directory: object, offered: tuple[tuple[str, ...], str | None]
) -> None:
    hook = Hook(offered[0])
    hook("subprocess.Popen", executable, command, directory, None)
    assert hook.offered == [offered]


MAC_PROBE = [sys.executable, "-sS", "-c", "import platform; print(platform.mac_ver()[0])"]


@pytest.mark.parametrize(
    ("system", "command", "starts"),
    [
        pytest.param("linux", ["/lib/ld-musl-x86_64.so.1"], True, id="musl-loader"),
        pytest.param("linux", ["/lib/ld-musl-no.arch_1-x.so.1"], True, id="musl-loader-of-any-machine"),
        pytest.param("linux", ["/lib/ld-musl-x86_64.so.1", "/bin/sh"], False, id="musl-loader-loads"),
        pytest.param("linux", ["/lib64/ld-musl-x86_64.so.1"], False, id="musl-loader-elsewhere"),
        pytest.param("linux", ["/lib/ld-linux-x86-64.so.2"], False, id="other-loader"),
        pytest.param("darwin", MAC_PROBE, True, id="mac"),
        pytest.param("linux", MAC_PROBE, False, id="mac-probe-elsewhere"),
        pytest.param("darwin", MAC_PROBE[:-1], False, id="mac-probe-with-less"),
        pytest.param("darwin", [*MAC_PROBE, "x"], False, id="mac-probe-with-more"),
        pytest.param("darwin", ["/bin/sh", *MAC_PROBE[1:]], False, id="mac-probe-of-another"),
    ],
)
def test_recognises_what_tells_pip_which_wheels_fit(
    monkeypatch: pytest.MonkeyPatch, system: str, command: list[str], starts: bool
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    hook = Hook()
    if starts:
        hook("subprocess.Popen", command[0], command, None, None)
        assert hook.offered == []
    else:
        with pytest.raises(RefusedError):
            hook("subprocess.Popen", command[0], command, None, None)


@pytest.mark.parametrize(
    ("event", "arguments", "asked"),
    [
        pytest.param("socket.getaddrinfo", ("pypi.org", 443, 0, 1, 0), [("pypi.org", 443)], id="number"),
        pytest.param("socket.getaddrinfo", ("pypi.org", "443", 0, 1, 0), [("pypi.org", 443)], id="string"),
        pytest.param("socket.getaddrinfo", (b"pypi.org", b"https", 0, 1, 0), [("pypi.org", None)], id="bytes"),
        pytest.param("socket.getaddrinfo", ("pypi.org", None, 0, 1, 0), [("pypi.org", None)], id="no-port"),
        pytest.param("socket.getaddrinfo", (None, 443, 0, 1, 0), [], id="no-host"),
        pytest.param("socket.getaddrinfo", ("", 443, 0, 1, 0), [], id="empty-host"),
        pytest.param("socket.gethostbyname", ("pypi.org",), [("pypi.org", None)], id="gethostbyname"),
        pytest.param("socket.connect", (None, ("pypi.org", 443)), [("pypi.org", 443)], id="connection"),
        pytest.param("socket.connect", (None, ("pypi.org", 443, 0, 0)), [("pypi.org", 443)], id="connection-by-ipv6"),
        pytest.param("socket.connect", (None, "/run/socket"), [], id="connection-on-this-machine"),
        pytest.param("socket.connect", (None, b"/run/socket"), [], id="connection-on-this-machine-in-bytes"),
    ],
)
def test_asks_for_host_and_port(event: str, arguments: tuple[object, ...], asked: list[tuple[str, int | None]]) -> None:
    hook = Hook()
    hook(event, *arguments)
    assert hook.asked == asked


def test_connection_is_known_by_the_address_of_an_approved_look_up() -> None:
    hook = Hook()
    hook.addresses.add(("192.0.2.1", 443))
    hook("socket.connect", None, ("192.0.2.1", 443))
    hook("socket.connect", None, ("192.0.2.1", 443, 0, 0))
    assert hook.asked == []
    for address in (("192.0.2.2", 443), ("192.0.2.1", 8443)):
        with pytest.raises(RefusedError):
            hook("socket.connect", None, address)
    assert hook.asked == [("192.0.2.2", 443), ("192.0.2.1", 8443)]
