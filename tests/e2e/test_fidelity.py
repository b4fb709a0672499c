"""Whatever is not refused is as if pip had been called: what is printed, the exit code, what is installed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pip_guard import __version__
from pip_guard.rules import ALL_RULES
from tests.e2e import command_lines
from tests.e2e.rows import manual, slow
from tests.kit.folders import new_folder
from tests.kit.index import LocalIndex
from tests.kit.run import Completed
from tests.kit.twins import Twins
from tests.kit.wheels import make_wheel
from tests.kit.workspace import Workspace

NOTHING_IS_ON = "[rules]\n" + "".join(f'{rule.id} = "off"\n' for rule in ALL_RULES)
SLOW = (*command_lines.SLOW_READING, *command_lines.SLOW_FINDING, *command_lines.SLOW_CHANGING)
GUARDED = [*(pytest.param(row, id=row) for row in command_lines.FAST), *(slow(row, id=row) for row in SLOW)]
# The command lines that are compared under the rules are much the same without them: one of five, unless asked for by hand.
ALIKE = (*command_lines.FAST, *SLOW)
UNGUARDED = [
    *(pytest.param(row, id=row) for row in command_lines.UNGUARDED_FAST),
    *(slow(row, id=row) for row in (*command_lines.UNGUARDED_SLOW, *ALIKE[::5])),
    *(manual(row, id=row) for position, row in enumerate(ALIKE) if position % 5),
]
# What pip says above a traceback.
EXCEPTION = "ERROR: Exception:\n"


@pytest.fixture(scope="module")
def both() -> Iterator[Twins]:
    """Make two places that have an index in common, one for pip and one for pip-guard."""
    folder = new_folder("twins-")
    with LocalIndex() as index:
        command_lines.publish(index)
        yield Twins(folder, index, command_lines.prepare)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def twins(both: Twins) -> Iterator[Twins]:
    """Lend the two places, as they were made."""
    yield both
    both.restore()


@pytest.fixture(scope="module")
def every_rule_off() -> Path:
    """Write a policy that switches every rule off."""
    path = new_folder("policy-") / "policy.toml"
    path.write_text(NOTHING_IS_ON, encoding="utf-8")
    return path


# Where pip-guard has pip install a local wheel from.
PRIVATE_COPY = re.compile(r"<home>/tmp/<random>/(\S+\.whl)")


def told_in_one_line(stderr: str) -> str:
    """Return what pip-guard says where pip shows a traceback: its last line."""
    before, exception, trace = stderr.partition(EXCEPTION)
    if not exception:
        return stderr
    last = trace.rpartition("Traceback (most recent call last):\n")[2]
    message = re.sub(r"^(?: .*)?\n", "", last, flags=re.MULTILINE)
    return f"{before}ERROR: pip cannot go on: {message}"


def compare(twins: Twins, row: str, policy: Path | None = None) -> None:
    for line in row.split(" && "):
        bare, guarded = twins.run(line, policy=policy)
        # commands that only read are pip's own, with its tracebacks
        if policy is None and EXCEPTION not in guarded.stderr:
            bare = replace(bare, stderr=told_in_one_line(bare.stderr))
        # pip installs a local wheel from a private copy, and names that where the wheel is wrong
        # called by its own name, pip-guard tells its version beside pip's
        guarded = replace(guarded, stderr=guarded.stderr.removeprefix(f"pip-guard {__version__}\n"))
        guarded = replace(guarded, stderr=PRIVATE_COPY.sub(r"<cwd>/\1", guarded.stderr))
        assert guarded == bare, line
    bare_files, guarded_files = twins.changes()
    assert guarded_files == bare_files


@pytest.mark.parametrize("row", GUARDED)
def test_does_what_pip_does(row: str, twins: Twins) -> None:
    compare(twins, row)


@pytest.mark.parametrize("row", UNGUARDED)
def test_is_pip_where_every_rule_is_off(row: str, twins: Twins, every_rule_off: Path) -> None:
    compare(twins, row, every_rule_off)


@pytest.mark.parametrize("option", [pytest.param("-vv", id="logged"), slow("--debug", id="not-caught")])
def test_traceback_begins_with_pip_where_every_rule_is_off(
    option: str, shared_workspace: Workspace, every_rule_off: Path
) -> None:
    ended = shared_workspace.guard("install", option, "--no-index", "nothing-there", policy=every_rule_off.read_text())
    assert ended.returncode == 1
    assert "Traceback (most recent call last)" in ended.stdout + ended.stderr
    assert "pip_guard" not in ended.stdout + ended.stderr


def same(plain: Completed, guarded: Completed) -> None:
    assert guarded.stdout == plain.stdout
    assert guarded.stderr == plain.stderr
    assert guarded.returncode == plain.returncode


def test_warning_is_all_that_is_added(shared_workspace: Workspace) -> None:
    command_lines.publish(shared_workspace.index)
    arguments = ("install", "--dry-run", "withdrawn==1.0")
    plain, guarded = shared_workspace.pip(*arguments).check(), shared_workspace.guard(*arguments).check()
    assert guarded.stdout == plain.stdout
    assert guarded.stderr.startswith(f"{plain.stderr}warning: yanked-release\n\n")


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("PYTHONPATH=modules --keyring-provider=import", id="module"),
        slow("PATH=<cwd>/bin:/usr/bin:/bin --keyring-provider=subprocess", id="program"),
    ],
)
def test_keyring_is_asked_where_every_rule_is_off_and_only_there(line: str, twins: Twins, every_rule_off: Path) -> None:
    line = f"{line} index versions private --index-url <origin>/private/"
    twins.run(line)
    bare, guarded = twins.changes()
    assert ("home/keyring.log" in bare, "home/keyring.log" in guarded) == (True, False)
    twins.restore()
    twins.run(line, policy=every_rule_off)
    bare, guarded = twins.changes()
    assert bare["home/keyring.log"] == guarded["home/keyring.log"]


def test_lock_file_whose_files_are_of_unknown_age_is_warned_of_once(shared_workspace: Workspace) -> None:
    for name in ("demo", "harmless"):
        shared_workspace.index.publish(make_wheel(name), upload_time=None)
    shared_workspace.guard("lock", "demo", "harmless").check()
    ended = shared_workspace.guard("install", "--dry-run", "-r", "pylock.toml").check()
    assert re.findall(r"^warning: .*|^pip cannot tell .*", ended.stderr, re.MULTILINE) == [
        "warning: recent-release",
        "pip cannot tell how old the files in pylock.toml are: no index gives their upload times.",
    ]


def test_lock_file_whose_files_are_of_unknown_age_is_exempt_by_their_place(shared_workspace: Workspace) -> None:
    shared_workspace.index.publish(make_wheel("demo"), upload_time=None)
    shared_workspace.guard("lock", "demo").check()
    shared_workspace.policy(f'[releases]\nexempt-indexes = ["{shared_workspace.index.files_url}"]\n')
    ended = shared_workspace.guard("install", "--dry-run", "-r", "pylock.toml").check()
    assert "recent-release" not in ended.stderr


# With these off anything may be built, so nothing that is started to build it is in the way; all other rules are on.
BUILDS = ("source-distribution", "local-project", "vcs-requirement")


@pytest.mark.parametrize(
    "argument",
    [
        pytest.param("legacy", id="setup-script"),
        slow("sourceonly", id="index"),
        slow("git+<repository>", id="repository"),
        slow("--no-build-isolation ./project", id="no-isolation"),
    ],
)
def test_builds_where_only_those_rules_are_off(argument: str, workspace: Workspace) -> None:
    command_lines.publish(workspace.index)
    command_lines.prepare(workspace)
    repository = (workspace.folder / "sources" / "repository").as_uri()
    policy = "[rules]\n" + "".join(f'{rule} = "off"\n' for rule in (*BUILDS, "direct-url", "unapproved-host"))
    arguments = argument.replace("<repository>", repository).split()
    workspace.guard("install", *arguments, policy=policy).check()
    assert len(workspace.added()) in (1, 2)


@pytest.mark.parametrize("arguments", [(), ("help",), ("--help",)], ids=" ".join)
def test_help_has_one_more_line(arguments: tuple[str, ...], shared_workspace: Workspace) -> None:
    plain = shared_workspace.pip(*arguments).check().stdout
    guarded = shared_workspace.guard(*arguments).check().stdout
    (own,) = [line for line in guarded.splitlines(keepends=True) if line not in plain.splitlines(keepends=True)]
    assert re.fullmatch(r"  guard +Manage pip-guard: status, policy, exceptions, log\.\n", own)
    assert guarded.replace(own, "") == plain


def test_module_calls_itself_as_pip_does(shared_workspace: Workspace) -> None:
    plain = shared_workspace.python("-m", "pip", "install")
    guarded = shared_workspace.guard_module("install")
    same(plain, guarded)
    assert 'You must give at least one requirement to install (see "pip help install")' in plain.stderr


def test_installed_script_runs(workspace: Workspace) -> None:
    command_lines.publish(workspace.index)
    workspace.guard("install", "demo").check()
    assert workspace.run(workspace.venv.scripts / "demo").check().stdout == "2.0\n"
