"""Test that no process starts and no connection opens behind the audit hook, in interpreters that have it."""

from __future__ import annotations

import json
import os
import platform
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pip._vendor.packaging import _musllinux, tags

from tests.kit.interpreter import run_python

PRELUDE = """
import json, os, sys
from pathlib import Path

sentinel = sys.argv[1]
code = sys.argv[2]
permitted = json.loads(sys.argv[3])
hooked = sys.argv[4] == "hooked"
refused, asked, offered = [], [], []

class Refused(Exception):
    pass

class Permits:
    def permits(self, arguments, working_directory):
        offered.append([list(arguments), working_directory])
        return list(arguments) in permitted

def refuse(program):
    refused.append(program)
    return Refused(program)

def may_connect(host, port):
    asked.append([host, port])
    if [host, port] not in permitted:
        raise Refused(host)

# What the cases use is loaded before, as pip's own modules are.
import asyncio, pty, socket, subprocess
from pip_guard.environment.audit_hook import install

if hooked:
    install(Permits(), may_connect=may_connect, refuse=refuse)
raised = None
try:
    exec(code)
except BaseException as error:
    raised = type(error).__name__
print(json.dumps({"raised": raised, "refused": refused, "asked": asked, "offered": offered}))
"""


def run(
    tmp_path: Path, code: str, *, permitted: list[object] | None = None, hooked: bool = True, **environ: str
) -> dict[str, Any]:
    """Run code behind the audit hook, and return what came of it."""
    arguments = [str(tmp_path / "sentinel"), code, json.dumps(permitted or []), "hooked" if hooked else "free"]
    ended = run_python("-c", PRELUDE, *arguments, home=tmp_path, environ=environ)
    lines = ended.stdout.splitlines()
    found: dict[str, Any] = json.loads(lines[-1]) if lines else {}
    return found


SHELL = 'script = f"echo started > {sentinel}"; '
STARTING = [
    pytest.param("os.system(script)", "echo started > {sentinel}", id="os.system"),
    pytest.param("os.popen(script).close()", "/bin/sh", id="os.popen"),
    pytest.param(
        "child = os.fork()\nif not child: Path(sentinel).touch(); os._exit(0)\nos.waitpid(child, 0)",
        "os.fork",
        id="os.fork",
    ),
    pytest.param(
        "child, _ = os.forkpty()\nif not child: Path(sentinel).touch(); os._exit(0)\nos.waitpid(child, 0)",
        "os.forkpty",
        id="os.forkpty",
    ),
    pytest.param('os.waitpid(os.posix_spawn("/bin/sh", ["sh", "-c", script], {}), 0)', "/bin/sh", id="os.posix_spawn"),
    pytest.param('os.waitpid(os.posix_spawnp("sh", ["sh", "-c", script], {}), 0)', "sh", id="os.posix_spawnp"),
    pytest.param('os.execv("/bin/sh", ["sh", "-c", script])', "/bin/sh", id="os.execv"),
    pytest.param('os.execve("/bin/sh", ["sh", "-c", script], {})', "/bin/sh", id="os.execve"),
    pytest.param('os.execl("/bin/sh", "sh", "-c", script)', "/bin/sh", id="os.execl"),
    pytest.param('os.execvp("/bin/sh", ["sh", "-c", script])', "/bin/sh", id="os.execvp"),
    pytest.param('os.spawnv(os.P_WAIT, "/bin/sh", ["sh", "-c", script])', "os.fork", id="os.spawnv"),
    pytest.param('os.spawnlp(os.P_WAIT, "sh", "sh", "-c", script)', "os.fork", id="os.spawnlp"),
    pytest.param(
        'pty.spawn(["/bin/sh", "-c", script])', "['/bin/sh', '-c', 'echo started > {sentinel}']", id="pty.spawn"
    ),
    pytest.param('subprocess.run(["/bin/sh", "-c", script])', "/bin/sh", id="Popen-list"),
    pytest.param('subprocess.run(("/bin/sh", "-c", script))', "/bin/sh", id="Popen-tuple"),
    pytest.param('subprocess.run([b"/bin/sh", b"-c", script.encode()])', "/bin/sh", id="Popen-bytes"),
    pytest.param('subprocess.run([Path("/bin/sh"), "-c", script])', "/bin/sh", id="Popen-path"),
    pytest.param("subprocess.run(script, shell=True)", "/bin/sh", id="Popen-shell"),
    pytest.param("subprocess.run(program)", "{program}", id="Popen-string"),
    pytest.param("subprocess.run(program.encode())", "{program}", id="Popen-bytes-alone"),
    pytest.param("subprocess.run(Path(program))", "{program}", id="Popen-path-alone"),
    pytest.param(
        'subprocess.run(["uname", "-c", script], executable="/bin/sh")', "/bin/sh", id="Popen-executable-differs"
    ),
    pytest.param(
        'subprocess.run(["uname", "-c", script], executable=b"/bin/sh")', "/bin/sh", id="Popen-executable-in-bytes"
    ),
    pytest.param('subprocess.run(["/lib/ld-musl-x86_64.so.1"], executable=program)', "{program}", id="Popen-disguised"),
    pytest.param("asyncio.run(wait(script))", "/bin/sh", id="asyncio"),
]
ASYNCIO = """
async def wait(script):
    process = await asyncio.create_subprocess_exec("/bin/sh", "-c", script)
    await process.wait()
"""


@pytest.fixture
def program(tmp_path: Path) -> str:
    """Make a program that leaves its mark."""
    path = tmp_path / "program"
    path.write_text(f"#!/bin/sh\necho started > {tmp_path / 'sentinel'}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(("code", "refused"), STARTING)
def test_refuses_to_start_a_process(tmp_path: Path, program: str, code: str, refused: str) -> None:
    code = f'{SHELL}program = "{program}"\n{ASYNCIO}\n{code}'
    run(tmp_path, code, hooked=False)
    assert (tmp_path / "sentinel").exists(), "the case does not start a process at all"
    (tmp_path / "sentinel").unlink()
    found = run(tmp_path, code)
    assert not (tmp_path / "sentinel").exists()
    expected = refused.format(sentinel=tmp_path / "sentinel", program=program)
    assert (found["raised"], found["refused"]) == ("Refused", [expected])


@pytest.mark.parametrize(
    "command",
    [
        pytest.param('["uname", "-rs"]', id="uname"),
        pytest.param('["lsb_release", "-a"]', id="lsb_release"),
        pytest.param('["rustc", "--version"]', id="rustc"),
        pytest.param('["/usr/bin/oslevel"]', id="oslevel"),
        pytest.param('"uname"', id="string"),
        pytest.param('[b"uname"]', id="bytes"),
        pytest.param('[Path("/tmp/evil/uname")]', id="path"),
    ],
)
def test_refuses_probes_as_the_system_would(tmp_path: Path, program: str, command: str) -> None:
    Path(program).rename(tmp_path / "uname")
    found = run(tmp_path, f"subprocess.run({command})", PATH=str(tmp_path))
    assert found == {"raised": "PermissionError", "refused": [], "asked": [], "offered": []}
    assert not (tmp_path / "sentinel").exists()


def test_refuses_probes_that_are_permitted(tmp_path: Path) -> None:
    found = run(tmp_path, 'subprocess.run(["uname", "-rs"])', permitted=[["uname", "-rs"]])
    assert found == {"raised": "PermissionError", "refused": [], "asked": [], "offered": []}


def test_pip_does_without_its_probes(tmp_path: Path) -> None:
    code = "from pip._internal.network.session import user_agent; print(user_agent())"
    found = run(tmp_path, code)
    assert found == {"raised": None, "refused": [], "asked": [], "offered": []}


@pytest.mark.parametrize("directory", [pytest.param(None, id="here"), pytest.param("/", id="elsewhere")])
def test_starts_what_is_permitted(tmp_path: Path, program: str, directory: str | None) -> None:
    code = f'subprocess.run([{program!r}, "a"], cwd={directory!r}, check=True)'
    found = run(tmp_path, code, permitted=[[program, "a"]])
    assert found == {"raised": None, "refused": [], "asked": [], "offered": [[[program, "a"], directory]]}
    assert (tmp_path / "sentinel").exists()


@pytest.mark.parametrize(
    ("directory", "seen"),
    [
        pytest.param("None", None, id="none"),
        pytest.param('"/"', "/", id="string"),
        pytest.param('b"/"', "/", id="bytes"),
        pytest.param('Path("/")', "/", id="path"),
    ],
)
def test_permits_see_arguments_and_folder_as_text(tmp_path: Path, directory: str, seen: str | None) -> None:
    found = run(tmp_path, f'subprocess.run([b"/bin/tr\\xfcth", Path("x"), "y"], cwd={directory})')
    assert found["offered"] == [[["/bin/tr\udcfcth", "x", "y"], seen]]
    assert found["refused"] == ["/bin/tr\udcfcth"]


def test_one_permit_is_no_permit_for_others(tmp_path: Path, program: str) -> None:
    found = run(tmp_path, f"subprocess.run([{program!r}, 'b'])", permitted=[[program, "a"], [program]])
    assert (found["raised"], found["refused"]) == ("Refused", [program])
    assert not (tmp_path / "sentinel").exists()


MAC = '[sys.executable, "-sS", "-c", "import platform; print(platform.mac_ver()[0])"]'


@pytest.mark.parametrize(
    ("code", "raised"),
    [
        pytest.param('subprocess.run(["/lib/ld-musl-no.arch_1.so.1"])', "FileNotFoundError", id="musl-loader"),
        pytest.param('subprocess.run(["/lib/ld-musl-x86_64.so.1", "/bin/sh"])', "Refused", id="musl-loader-loads"),
        pytest.param('subprocess.run(["/tmp/lib/ld-musl-x86_64.so.1"])', "Refused", id="musl-loader-elsewhere"),
        pytest.param('subprocess.run(["/lib/../tmp/ld-musl-x86_64.so.1"])', "Refused", id="musl-loader-by-dots"),
        pytest.param('subprocess.run(["/lib/ld-musl-x/../sh.so.1"])', "Refused", id="musl-loader-with-a-slash"),
        pytest.param('subprocess.run(["/lib/ld-musl-x86_64.so.1\\n"])', "Refused", id="musl-loader-and-a-line"),
        pytest.param('subprocess.run(["ld-musl-x86_64.so.1"])', "Refused", id="musl-loader-on-the-path"),
        pytest.param(f'sys.platform = "darwin"; subprocess.run({MAC}, check=True)', None, id="mac"),
        pytest.param(f"subprocess.run({MAC})", "Refused", id="mac-probe-elsewhere"),
        pytest.param(f'sys.platform = "darwin"; subprocess.run({MAC} + ["x"])', "Refused", id="mac-probe-with-more"),
        pytest.param(
            f'sys.platform = "darwin"; subprocess.run(["/bin/sh"] + {MAC}[1:])', "Refused", id="mac-probe-of-another"
        ),
        pytest.param(
            'sys.platform = "darwin"; subprocess.run([sys.executable, "-sS", "-c", "import evil"])',
            "Refused",
            id="mac-probe-with-other-code",
        ),
    ],
)
def test_starts_what_tells_pip_which_wheels_fit(tmp_path: Path, code: str, raised: str | None) -> None:
    found = run(tmp_path, code)
    assert (found["raised"], len(found["refused"])) == (raised, 1 if raised == "Refused" else 0)


def record_commands(monkeypatch: pytest.MonkeyPatch, output: str) -> list[list[str]]:
    commands = []

    def record(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, 0, stdout=output, stderr=output)

    monkeypatch.setattr(subprocess, "run", record)
    return commands


def make_program_of_musl(path: Path, loader: str) -> None:
    """Write an executable's headers, of which one names its loader."""
    name = os.fsencode(loader) + b"\0"
    identity = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    header = struct.pack("<16sHHIQQQIHHHHHH", identity, 2, 62, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 3, 4, 120, 0, 0, len(name), len(name), 1)
    path.write_bytes(header + segment + name)


def test_pip_asks_the_musl_loader_in_the_form_that_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_program_of_musl(tmp_path / "python", "/lib/ld-musl-aarch64.so.1")
    commands = record_commands(monkeypatch, "musl libc (aarch64)\nVersion 1.2.5\n")
    assert str(_musllinux._get_musl_version(str(tmp_path / "python"))) == "_MuslVersion(major=1, minor=2)"
    monkeypatch.undo()
    (command,) = commands
    found = run(tmp_path, f"subprocess.run({command!r})")
    assert (found["refused"], found["offered"]) == ([], [])


def test_pip_asks_for_the_version_of_macos_in_the_form_that_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "mac_ver", lambda: ("10.16", ("", "", ""), "arm64"))
    commands = record_commands(monkeypatch, "14.1")
    assert next(iter(tags.mac_platforms())) == "macosx_14_0_arm64"
    monkeypatch.undo()
    (command,) = commands
    found = run(tmp_path, f'sys.platform = "darwin"; subprocess.run({command!r})')
    assert (found["refused"], found["offered"]) == ([], [])


SERVER = """
server = socket.create_server(("127.0.0.1", 0))
port = server.getsockname()[1]
permitted += [["localhost", port], ["127.0.0.1", 9]]
"""


@pytest.mark.parametrize(
    ("code", "raised", "hosts"),
    [
        pytest.param('socket.create_connection(("localhost", port))', None, ["localhost"], id="look-up"),
        pytest.param('socket.create_connection((b"localhost", str(port)))', None, ["localhost"], id="look-up-in-bytes"),
        pytest.param(
            'socket.getaddrinfo("localhost", port); socket.socket().connect(("127.0.0.1", port))',
            None,
            ["localhost"],
            id="look-up-then-connection",
        ),
        pytest.param('socket.socket().connect(("127.0.0.1", port))', "Refused", ["127.0.0.1"], id="connection-alone"),
        pytest.param('socket.socket().connect_ex(("127.0.0.1", port))', "Refused", ["127.0.0.1"], id="connect_ex"),
        pytest.param(
            'socket.getaddrinfo("localhost", port); socket.socket().connect(("127.0.0.1", port - 1))',
            "Refused",
            ["localhost", "127.0.0.1"],
            id="another-port",
        ),
        pytest.param(
            'socket.getaddrinfo("localhost", port); socket.socket().connect(("127.0.0.2", port))',
            "Refused",
            ["localhost", "127.0.0.2"],
            id="another-address",
        ),
        pytest.param('socket.getaddrinfo("evil.example", port)', "Refused", ["evil.example"], id="look-up-of-another"),
        pytest.param('socket.gethostbyname("evil.example")', "Refused", ["evil.example"], id="gethostbyname"),
        pytest.param(
            'socket.create_connection(("evil.example", 443))', "Refused", ["evil.example"], id="connection-to-another"
        ),
        pytest.param("socket.getaddrinfo(None, 0)", None, [], id="look-up-of-nothing"),
        pytest.param(
            'socket.getaddrinfo(None, port); socket.socket().connect(("127.0.0.1", port))',
            "Refused",
            ["127.0.0.1"],
            id="look-up-of-nothing-then-connection",
        ),
        pytest.param(
            'socket.socket(socket.AF_UNIX).connect("missing")', "FileNotFoundError", [], id="socket-of-this-machine"
        ),
    ],
)
def test_asks_before_a_host_is_looked_up_or_contacted(
    tmp_path: Path, code: str, raised: str | None, hosts: list[str]
) -> None:
    found = run(tmp_path, f"{SERVER}\n{code}")
    assert (found["raised"], [host for host, _ in found["asked"]]) == (raised, hosts)
