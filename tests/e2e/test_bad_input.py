"""Junk, broken streams and interruptions: an answer in one line, the exit code of pip, and nothing half done."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.e2e import channels
from tests.e2e.outcome import leftovers, refusals
from tests.e2e.rows import slow
from tests.kit.http_server import FaultKind
from tests.kit.run import Completed
from tests.kit.wheels import make_wheel
from tests.kit.workspace import Workspace

DRY_RUN = ("install", "--dry-run")
PATIENCE = 20.0
JSON_TYPE = "application/vnd.pypi.simple.v1+json"


def without_traceback(ended: Completed) -> Completed:
    assert "Traceback" not in ended.output, str(ended)
    return ended


# files and arguments


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\x80\x81\x82\xff" * 64, id="not-utf-8"),
        slow(b"\xff\xfej\x00u\x00n\x00k\x00\n\x00", id="utf-16"),
        slow(b"\x00\x00\x00\n", id="null-characters"),
        pytest.param(b"harmless\x00\n", id="null-character"),
        slow(b"@@@\n", id="no-requirement"),
        slow(b"a" * 100_000, id="long-line"),
        slow(b"--index-url\n", id="option-without-value"),
        pytest.param(b"-r requirements.txt\n", id="itself"),
        slow(b"-r nothing-there.txt\n", id="missing-file"),
        slow(b"--no-such-option\n", id="no-such-option"),
        pytest.param(b"# coding: rot13\nharmless\n", id="no-text-encoding"),
        slow(b"FILE:///tmp/x\n", id="scheme-in-capitals"),
    ],
)
def test_junk_in_requirements_is_an_error(content: bytes, place: Workspace) -> None:
    place.write("requirements.txt", content)
    ended = without_traceback(place.guard(*DRY_RUN, "-r", "requirements.txt"))
    assert ended.returncode in (1, 2)
    assert ended.stderr.splitlines() != []


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        slow("pylock.toml", b"\xff\x00", 1, id="binary-lock-file"),
        pytest.param("pylock.toml", b'lock-version = "9.0"\n', 1, id="future-lock-file"),
        pytest.param("harmless-1.0-py3-none-any.whl", b"PK\x03\x04 and no more", 1, id="truncated-wheel"),
        slow("harmless-1.0-py3-none-any.whl", b"", 1, id="empty-wheel"),
        slow("harmless.whl", b"", 1, id="wheel-without-version"),
    ],
)
def test_junk_file_is_an_error(name: str, content: bytes, code: int, place: Workspace) -> None:
    path = place.write(name, content)
    option = ("-r",) if name.endswith(".toml") else ()
    ended = without_traceback(place.guard(*DRY_RUN, *option, path))
    assert ended.returncode in (code, 40), str(ended)
    assert place.pip(*DRY_RUN, *option, path).returncode != 0


@pytest.mark.parametrize(
    "argument",
    [
        pytest.param(b"\xff\xfe", id="requirement"),
        pytest.param(b"--\xff", id="option"),
        slow(b"./\xff", id="path"),
        slow(b"-r\xff", id="file"),
        slow(b"x @ file:///\xff.whl", id="url"),
    ],
)
def test_argument_that_is_not_text_is_an_error_as_with_pip(argument: bytes, place: Workspace) -> None:
    arguments = (*DRY_RUN, os.fsdecode(argument))
    plain, guarded = place.pip(*arguments), without_traceback(place.guard(*arguments))
    assert (guarded.returncode, guarded.stdout) == (plain.returncode, plain.stdout)
    assert guarded.returncode in (1, 2)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--guard-nothing", "There is no option --guard-nothing."),
        ("--guard-allow", "--guard-allow needs a value."),
        ("--guard-allow=", "--guard-allow needs a value."),
        ("--guard-allow=nothing-there", "--guard-allow=nothing-there: there is no such rule."),
        ("--guard-format=xml", "--guard-format is text or json, not xml."),
        ("--guard-policy=", "--guard-policy needs a value."),
    ],
)
def test_own_option_that_is_wrong_is_an_error_of_usage(option: str, message: str, place: Workspace) -> None:
    ended = place.guard(*DRY_RUN, option, "harmless")
    assert (ended.returncode, ended.stderr.splitlines()[0]) == (2, f"error: {message}")
    assert place.index.requests == []


def test_name_from_outside_cannot_write_to_terminal(place: Workspace) -> None:
    url = place.index.page("/files/%1B%5B31mred-1.0.tar.gz", b"")
    ended = place.guard(*DRY_RUN, url)
    assert refusals(ended) == channels.UNAPPROVED_SDIST
    assert "\x1b" not in ended.stderr


# the policy


def unreadable(path: Path) -> None:
    path.write_text("")
    path.chmod(0)


@pytest.mark.parametrize(
    ("content", "problems"),
    [
        pytest.param(b"[rules\n", ["Expected ']' at the end of a table declaration"], id="broken"),
        pytest.param(b"\xff\xfe", ["is not UTF-8 (byte 0)"], id="not-utf-8"),
        slow(b"# \x80", ["is not UTF-8 (byte 2)"], id="not-utf-8-later"),
        slow(b"#" * (4 * 1024 * 1024 + 1), ["is larger than 4 MiB"], id="too-large"),
        pytest.param(
            b'indexs = 1\n[rules]\nunaproved-index = "off"\ntrusted-host = "maybe"\n[sources]\nlocal-projects = true\n',
            [
                'indexs: there is no such key; did you mean "indexes"?',
                'rules.unaproved-index: there is no rule "unaproved-index"; did you mean "unapproved-index"?',
                'rules.trusted-host: must be one of error, warning, off, not "maybe"',
                "sources.local-projects: must be a string, not a boolean",
            ],
            id="all-at-once",
        ),
        pytest.param(
            b'[[exceptions]]\nrule = "source-distribution"\nversion = "newest"\nhash = "md5"\nexpires = "soon"\n',
            [
                "exceptions[0].reason: is missing",
                'exceptions[0].version: must be a version specifier such as "==1.2.3", not "newest"',
                'exceptions[0].hash: must be "sha256:" and the 64 hexadecimal digits, or that of sha384 or sha512',
                "exceptions[0].expires: must be a date such as 2027-01-31, not a string",
            ],
            id="exception",
        ),
        pytest.param(
            b'[indexes]\napproved = ["pypi.org", 1]\n',
            [
                "indexes.approved[1]: must be a string, not a number",
                "indexes.approved[0]: ",
            ],
            id="indexes",
        ),
    ],
)
def test_policy_that_cannot_be_used_stops_command(content: bytes, problems: list[str], place: Workspace) -> None:
    place.write(place.policy_path, content)
    ended = without_traceback(place.guard(*DRY_RUN, "harmless"))
    first, *told = ended.stderr.partition("\n\n")[0].splitlines()
    assert (ended.returncode, first) == (41, "error: The policy cannot be used:")
    assert len(told) == len(problems), ended.stderr
    for line, problem in zip(told, problems, strict=True):
        assert re.match(rf"  {re.escape(str(place.policy_path))}(:\d+)?: {re.escape(problem)}", line), ended.stderr
    assert ended.stderr.endswith("\nNothing was installed.\n")
    assert place.index.requests == []


@pytest.mark.parametrize("form", ["option", "variable", "default"])
def test_policy_that_is_a_folder_stops_command(form: str, place: Workspace) -> None:
    folder = place.policy_path if form == "default" else place.home / "folder"
    folder.unlink(missing_ok=True)
    folder.mkdir()
    option = (f"--guard-policy={folder}",) if form == "option" else ()
    ended = place.guard(
        *DRY_RUN, *option, "harmless", env={"PIP_GUARD_POLICY": str(folder)} if form == "variable" else {}
    )
    assert ended.returncode == 41
    assert f"{folder}: is a folder, not a file" in ended.stderr


@pytest.mark.parametrize("prepare", [None, unreadable], ids=["missing", "unreadable"])
def test_policy_that_cannot_be_read_stops_command(prepare: Callable[[Path], None] | None, place: Workspace) -> None:
    path = place.home / "policy.toml"
    if prepare is not None:
        prepare(path)
    ended = place.guard(*DRY_RUN, "harmless", f"--guard-policy={path}")
    assert ended.returncode == 41
    assert f"  {path}: {'No such file or directory' if prepare is None else 'Permission denied'}" in ended.stderr


def test_command_that_only_reads_needs_no_policy(place: Workspace) -> None:
    place.write(place.policy_path, b"[rules\n")
    assert place.guard("list").check().stdout == place.pip("list").stdout


# the index


PAGE = "/simple/harmless/"
WHEEL = "/files/harmless-1.0-py3-none-any.whl"
METADATA = f"{WHEEL}.metadata"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        pytest.param("{", JSON_TYPE, id="half-json"),
        slow("[]", JSON_TYPE, id="list"),
        slow('{"meta": {"api-version": "9.0"}, "files": []}', JSON_TYPE, id="future-version"),
        slow('{"meta": {"api-version": "1.0"}, "files": [{"filename": 3}]}', JSON_TYPE, id="numbers"),
        pytest.param(bytes(range(256)), "text/html", id="binary"),
        slow("hello", "text/plain", id="text"),
        slow("", "text/html", id="nothing"),
    ],
)
def test_junk_from_index_is_an_error(body: str | bytes, content_type: str, place: Workspace) -> None:
    place.index.page("/simple/harmless/", body, content_type)
    assert place.pip(*DRY_RUN, "harmless").returncode != 0
    ended = without_traceback(place.guard(*DRY_RUN, "harmless"))
    assert ended.returncode in (1, 2, 40), str(ended)
    assert "This is a defect of pip-guard" not in ended.stderr


def test_what_pip_did_not_foresee_is_an_error_in_one_line(place: Workspace) -> None:
    page = '{"meta": {"api-version": "1.1"}, "files": [{"url": "x.whl", "upload-time": "https://me:secret@there/"}]}'
    place.index.page("/simple/harmless/", page, JSON_TYPE)
    ended = place.guard(*DRY_RUN, "harmless")
    assert (ended.returncode, ended.stderr) == (
        place.pip(*DRY_RUN, "harmless").returncode,
        "ERROR: pip cannot go on: ValueError: Invalid isoformat string: 'https://me:****@there/'\n",
    )
    assert "Traceback" in place.guard(*DRY_RUN, "-vvv", "harmless").output
    assert "Traceback" in place.guard(*DRY_RUN, "--debug", "harmless").output


# streams


@contextmanager
def no_reader() -> Iterator[int]:
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


@contextmanager
def full_device() -> Iterator[int]:
    with Path("/dev/full").open("w") as device:
        yield device.fileno()


def run_on(
    workspace: Workspace, tool: str, *arguments: str, stdout: int = subprocess.PIPE, shell: str = ""
) -> Completed:
    """Run a console script on another standard output, or through a shell that closes streams."""
    command = [str(workspace.venv.scripts / tool), *arguments]
    through = ("sh", "-c", shell) if shell else ()
    process = workspace.start(*through, *command, stdout=stdout, stderr=subprocess.PIPE)
    out, err = process.communicate(timeout=PATIENCE)
    return Completed(argv=tuple(command), returncode=process.returncode, stdout=out or "", stderr=err or "")


@pytest.mark.parametrize("arguments", [("list",), (*DRY_RUN, "harmless")], ids=["list", "install"])
@pytest.mark.parametrize("broken", [no_reader, full_device])
def test_output_that_nobody_takes_is_an_error_as_with_pip(
    broken: Callable[[], AbstractContextManager[int]], arguments: tuple[str, ...], place: Workspace
) -> None:
    with broken() as stream:
        plain = run_on(place, "pip", *arguments, stdout=stream)
        guarded = run_on(place, "pip-guard", *arguments, stdout=stream)
    assert guarded.stderr.splitlines()[-1] == plain.stderr.splitlines()[-1]
    assert guarded.returncode == plain.returncode != 0


CLOSED = [
    pytest.param('exec "$0" "$@" >&-', id="output"),
    pytest.param('exec "$0" "$@" 2>&-', id="errors"),
    pytest.param('exec "$0" "$@" >&- 2>&-', id="both"),
    pytest.param('exec "$0" "$@" <&-', id="input"),
]


@pytest.mark.parametrize("shell", CLOSED)
@pytest.mark.parametrize("arguments", [("list",), (*DRY_RUN, "harmless")], ids=["list", "install"])
def test_closed_stream_changes_nothing(shell: str, arguments: tuple[str, ...], place: Workspace) -> None:
    plain = run_on(place, "pip", *arguments, shell=shell)
    guarded = run_on(place, "pip-guard", *arguments, shell=shell)
    assert (guarded.returncode, guarded.stdout) == (plain.returncode, plain.stdout) == (0, plain.stdout)


@pytest.mark.parametrize("shell", CLOSED)
def test_closed_stream_cannot_keep_refusal_from_being_one(shell: str, place: Workspace) -> None:
    channels.publish(place)
    ended = run_on(place, "pip-guard", *DRY_RUN, channels.NAME, shell=shell)
    assert ended.returncode == 40
    assert not place.sentinel().exists()


@pytest.mark.parametrize("shell", ['exec "$0" "$@" 2>/dev/full', 'exec "$0" "$@" >/dev/full'], ids=["errors", "output"])
def test_refusal_that_cannot_be_written_is_no_success(shell: str, place: Workspace) -> None:
    channels.publish(place)
    assert run_on(place, "pip-guard", *DRY_RUN, channels.NAME, shell=shell).returncode != 0
    assert not place.sentinel().exists()


# places


@pytest.mark.parametrize("arguments", [("list",), ("help",), (*DRY_RUN, "harmless")], ids=["list", "help", "install"])
def test_working_directory_that_is_gone_is_as_with_pip(arguments: tuple[str, ...], place: Workspace) -> None:
    shell = 'mkdir gone && cd gone && rmdir ../gone && exec "$0" "$@"'
    plain = run_on(place, "pip", *arguments, shell=shell)
    guarded = run_on(place, "pip-guard", *arguments, shell=shell)
    own = [line for line in guarded.stdout.splitlines() if line.startswith("  guard ")]
    assert [line for line in guarded.stdout.splitlines() if line not in own] == plain.stdout.splitlines()
    assert (guarded.returncode, guarded.stderr) == (plain.returncode, plain.stderr)


def test_home_that_is_not_set_is_as_with_pip(place: Workspace) -> None:
    for arguments in (("list",), (*DRY_RUN, "harmless")):
        plain, guarded = place.pip(*arguments, env={"HOME": None}), place.guard(*arguments, env={"HOME": None})
        assert (guarded.returncode, guarded.stdout) == (plain.returncode, plain.stdout) == (0, plain.stdout)


def test_home_that_cannot_be_written_is_no_obstacle(place: Workspace) -> None:
    place.home.chmod(0o555)
    for folder in (".cache", ".local"):
        assert not (place.home / folder).exists()
    place.guard(*DRY_RUN, "harmless").check()
    place.home.chmod(0o755)


# interruptions


@pytest.mark.parametrize(
    "path", [slow(PAGE, id="page"), slow(METADATA, id="metadata"), pytest.param(WHEEL, id="wheel")]
)
def test_interruption_ends_command_as_with_pip(path: str, workspace: Workspace) -> None:
    workspace.index.publish(make_wheel("harmless"))
    plain, guarded = (interrupted(workspace, tool, path) for tool in ("pip", "pip-guard"))
    assert (guarded.returncode, guarded.stderr) == (plain.returncode, plain.stderr)
    assert (guarded.returncode, guarded.stderr) == (1, "ERROR: Operation cancelled by user\n")
    assert guarded.stdout == plain.stdout
    assert workspace.added() == set()
    assert leftovers(workspace) == []


def interrupted(workspace: Workspace, tool: str, path: str) -> Completed:
    """Run an installation and interrupt it while it waits for an answer."""
    workspace.index.requests.clear()
    workspace.index.fail(path, FaultKind.SLOW, seconds=PATIENCE, times=1)
    command = [str(workspace.venv.scripts / tool), "install", "--no-cache-dir", "harmless"]
    process = workspace.start(*command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    deadline = time.monotonic() + PATIENCE
    while path not in workspace.index.paths and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    return Completed(argv=tuple(command), returncode=process.returncode, stdout=out, stderr=err)


def test_interruption_of_build_leaves_nothing(workspace: Workspace) -> None:
    """The build is allowed: interrupt it once its own code runs."""
    path = channels.directory(workspace)
    backend = path / "sentinel_backend" / "__init__.py"
    backend.write_text(f"{backend.read_text()}\nimport time\n\ntime.sleep({PATIENCE})\n")
    process = workspace.start(
        workspace.venv.scripts / "pip-guard", "install", path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    deadline = time.monotonic() + PATIENCE
    while not workspace.sentinel().exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (1, "ERROR: Operation cancelled by user\n")
    assert workspace.added() == set()
