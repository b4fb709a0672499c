"""Test the composition root: what ends with which exit code, and what is started at all.

Each case runs in an interpreter of its own, because pip ends the process, and the start is about the process.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pip
import pytest

from pip_guard import __version__
from pip_guard.pip_adapter.version import pip_version
from pip_guard.rules import ALL_RULES
from tests.kit.index import LocalIndex
from tests.kit.interpreter import environ_without_settings, run_python
from tests.kit.osv import make_malware, write_export
from tests.kit.wheels import Wheel, make_wheel

# Runs main() where what it runs fails.
FAIL = """
import sys
from pip_guard import cli, errors

def fail(arguments):
    raise {error}

cli._run = fail
sys.exit(cli.main({arguments!r}))
"""
ROOT_MAY = '[rules]\nrunning-as-root = "off"\noutside-virtual-environment = "off"\nlocal-project = "off"\n'
REPORT_IT = "hint: This is a defect of pip-guard. Please report it with the lines above.\n\nNothing was installed.\n"

# What every command of pip-guard loads, and at most this.
LOADED_ALWAYS = {f"pip_guard.{name}" for name in ("cli", "environment", "frozen", "options", "pip_adapter")}


def guard(
    home: Path, *arguments: str | Path, before: str = "", policy: str | None = None, **environ: str
) -> subprocess.CompletedProcess[str]:
    """Run pip-guard as its console script does, after some other code."""
    if policy is not None:
        path = home / ".config" / "pip-guard" / "policy.toml"
        path.parent.mkdir(parents=True)
        path.write_text(policy, encoding="utf-8")
    code = f"import sys\n{before}\nfrom pip_guard.cli import main\nsys.exit(main())"
    return run_python("-c", code, *arguments, home=home, environ=environ)


@pytest.mark.parametrize(
    ("error", "code", "stderr"),
    [
        pytest.param(
            'errors.GuardError("It is so.", hint="Do this.")',
            40,
            "error: It is so.\n\nhint: Do this.\n\nNothing was installed.\n",
            id="undecided",
        ),
        pytest.param(
            'errors.PolicyError(["p.toml: x: no"])',
            41,
            "error: The policy cannot be used:\n  p.toml: x: no\n\n"
            "hint: Correct the file, or name another one with --guard-policy=FILE. No policy is ever skipped.\n\n"
            "Nothing was installed.\n",
            id="policy",
        ),
        pytest.param(
            'errors.UsageError("It is so.", hint="Do this.")',
            2,
            "error: It is so.\n\nhint: Do this.\n\nNothing was installed.\n",
            id="usage",
        ),
        pytest.param("KeyboardInterrupt", 1, "ERROR: Operation cancelled by user\n", id="interrupted"),
        pytest.param("MemoryError", 2, "ERROR: There is not enough memory to go on\n", id="out-of-memory"),
        pytest.param("SystemExit(7)", 7, "", id="pip-ends-the-process"),
    ],
)
def test_error_ends_with_its_code(tmp_path: Path, error: str, code: int, stderr: str) -> None:
    ended = run_python("-c", FAIL.format(error=error, arguments=["install", "x"]), home=tmp_path)
    assert (ended.returncode, ended.stdout, ended.stderr) == (code, "", stderr)


@pytest.mark.parametrize("error", ['ValueError("no idea")', "RecursionError", 'OSError(28, "No space left")'])
def test_failure_of_pip_guard_refuses_and_shows_where(tmp_path: Path, error: str) -> None:
    ended = run_python("-c", FAIL.format(error=error, arguments=["install", "x"]), home=tmp_path)
    assert (ended.returncode, ended.stdout) == (43, "")
    assert ended.stderr.startswith(
        "error: pip-guard failed, so nothing was decided:\n  Traceback (most recent call last):\n"
    )
    assert ended.stderr.endswith(REPORT_IT)
    assert ", in fail\n" in ended.stderr


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        pytest.param('errors.GuardError("It is so.", hint="Do this.")', 40, "It is so.", id="undecided"),
        pytest.param("errors.PolicyError([])", 41, "The policy cannot be used:", id="policy"),
        pytest.param("ValueError", 43, "pip-guard failed, so nothing was decided:", id="internal"),
    ],
)
def test_error_is_written_for_programs_where_they_ask(tmp_path: Path, error: str, code: int, message: str) -> None:
    arguments = ["install", "x", "--guard-format=json"]
    ended = run_python("-c", FAIL.format(error=error, arguments=arguments), home=tmp_path)
    content = json.loads(ended.stderr)
    assert (ended.returncode, ended.stdout, content["verdict"]) == (code, "", "error")
    assert content["error"]["message"].startswith(message)


def test_commands_that_only_look_are_pips_own(tmp_path: Path) -> None:
    plain = run_python("-m", "pip", "list", "--format=json", home=tmp_path)
    guarded = guard(tmp_path, "list", "--format=json")
    assert (guarded.returncode, guarded.stdout, guarded.stderr) == (0, plain.stdout, plain.stderr)
    assert '"name": "pip"' in plain.stdout


def test_exit_code_of_pip_passes_through(tmp_path: Path) -> None:
    ended = guard(tmp_path, "show", "no-such-project")
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", "WARNING: Package(s) not found: no-such-project\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["--guard-format=xml", "list"], "--guard-format is text or json, not xml.", id="value"),
        pytest.param(["list", "--guard-nothing"], "There is no option --guard-nothing.", id="option"),
        pytest.param(["guard", "explain", "no-rule"], "There is no rule no-rule.", id="no-rule"),
        pytest.param(
            ["--guard-allow=no-rule", "install", "x"],
            "--guard-allow=no-rule: there is no such rule.",
            id="allow-no-rule",
        ),
        pytest.param(
            ["--guard-allow=running-as-root:demo", "install", "x"],
            "--guard-allow=running-as-root:demo: running-as-root is not about projects, so this would have no effect.",
            id="allow-project-of-project-independent-rule",
        ),
        pytest.param(
            ["--guard-allow=source-distribution:demo==1.0", "install", "x"],
            "--guard-allow=source-distribution:demo==1.0: the part after the colon is not the name of a project.",
            id="allow-no-project",
        ),
    ],
)
def test_wrong_usage_ends_as_pips_does(tmp_path: Path, arguments: list[str], message: str) -> None:
    ended = guard(tmp_path, *arguments)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"error: {message}\n\nhint: ")


def test_guard_command_answers(tmp_path: Path) -> None:
    ended = guard(tmp_path, "guard", "explain", "running-as-root")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("running-as-root (error ")


def test_answer_of_the_guard_command_can_be_an_error_for_programs(tmp_path: Path) -> None:
    ended = guard(tmp_path, "--guard-format=json", "guard", "explain", "no-rule")
    assert (ended.returncode, json.loads(ended.stderr)["error"]["message"]) == (2, "There is no rule no-rule.")


def test_policy_that_cannot_be_read_refuses(tmp_path: Path) -> None:
    ended = guard(tmp_path, "install", "x", policy="[rule]\n")
    assert (ended.returncode, ended.stdout) == (41, "")
    path = tmp_path / ".config" / "pip-guard" / "policy.toml"
    assert f'  {path}:1: rule: there is no such key; did you mean "rules"?\n' in ended.stderr


def test_named_policy_is_read_instead(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text("oops", encoding="utf-8")
    ended = guard(tmp_path, "install", "x", f"--guard-policy={tmp_path / 'other.toml'}")
    assert ended.returncode == 41
    assert f"  {tmp_path / 'other.toml'}:1: " in ended.stderr


def test_commands_that_only_look_need_no_policy(tmp_path: Path) -> None:
    assert guard(tmp_path, "show", "pip", policy="oops").returncode == 0


# Before pip


def make_evil(folder: Path) -> None:
    """Make a pip that leaves its mark when it is imported."""
    (folder / "pip").mkdir(parents=True)
    (folder / "pip" / "__init__.py").write_text(f"open({str(folder / 'sentinel')!r}, 'w')\n", encoding="utf-8")


FOREIGN = """\
error: foreign-module

pip would be imported from {folder}/pip, in a folder which PYTHONPATH names.

hint: Remove the folder from PYTHONPATH, or the file from the folder, and find out what put it there.
docs: https://pip-guard-shim.readthedocs.io/en/stable/rules/foreign-module.html

Nothing was installed.
"""


def test_foreign_pip_is_refused_before_it_is_imported(tmp_path: Path) -> None:
    make_evil(tmp_path / "evil")
    ended = guard(tmp_path, "list", PYTHONPATH=str(tmp_path / "evil"))
    assert (ended.returncode, ended.stdout) == (40, "")
    assert ended.stderr == FOREIGN.format(folder=tmp_path / "evil")
    assert not (tmp_path / "evil" / "sentinel").exists()


@pytest.mark.skipif(
    sys.version_info < (3, 11), reason="the policy is read with a parser that comes with the installed pip"
)
@pytest.mark.skipif(sys.version_info < (3, 11), reason="there the policy itself is read with a part of pip")
def test_foreign_pip_runs_where_the_policy_says_so(tmp_path: Path) -> None:
    make_evil(tmp_path / "evil")
    policy = '[rules]\nforeign-module = "off"\nunsupported-pip = "off"\n'
    guard(tmp_path, "list", policy=policy, PYTHONPATH=str(tmp_path / "evil"))
    assert (tmp_path / "evil" / "sentinel").exists()


def test_refusal_before_pip_is_written_for_programs_where_they_ask(tmp_path: Path) -> None:
    make_evil(tmp_path / "evil")
    ended = guard(tmp_path, "--guard-format=json", "list", PYTHONPATH=str(tmp_path / "evil"))
    content = json.loads(ended.stderr)
    assert (ended.returncode, content["verdict"]) == (40, "refused")
    assert [finding["rule"] for finding in content["findings"]] == ["foreign-module"]


OLD = "import pip; pip.__version__ = '25.3'"


def test_old_pip_is_refused(tmp_path: Path) -> None:
    ended = guard(tmp_path, "list", before=OLD)
    assert (ended.returncode, ended.stdout) == (42, "")
    assert ended.stderr.startswith(
        "error: unsupported-pip\n\npip 25.3 is older than 26.2, the oldest pip with no known vulnerability.\n\nhint: "
    )


def test_old_pip_runs_where_the_policy_says_so(tmp_path: Path) -> None:
    ended = guard(tmp_path, "show", "pip", before=OLD, policy='[rules]\nunsupported-pip = "off"\n')
    assert (ended.returncode, ended.stderr) == (0, "")


NEW = "from pip._internal.commands import CommandInfo, commands_dict; commands_dict['fetch'] = CommandInfo('pip._internal.commands.show', 'ShowCommand', 'Fetch.')"


def test_command_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    ended = guard(tmp_path, "fetch", "demo", before=NEW)
    assert (ended.returncode, ended.stdout) == (42, "")
    assert ended.stderr.startswith(
        f"error: unsupported-pip\n\npip {pip.__version__} has a command fetch that pip-guard does not know.\n"
    )


def test_command_that_nobody_knows_is_pips_own_where_the_policy_says_so(tmp_path: Path) -> None:
    before = (
        "from pip._internal.commands import CommandInfo, commands_dict; "
        "commands_dict['fetch'] = CommandInfo('pip._internal.commands.hash', 'HashCommand', 'Fetch.')"
    )
    file = tmp_path / "file.txt"
    file.write_text("content\n", encoding="utf-8")
    policy = '[rules]\nunsupported-pip = "off"\n'
    ended = guard(tmp_path, "fetch", "--algorithm=sha512", file, before=before, policy=policy)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == guard(tmp_path, "hash", "--algorithm=sha512", file).stdout


def test_allowing_once_is_for_this_command(tmp_path: Path) -> None:
    assert guard(tmp_path, "--guard-allow=unsupported-pip", "show", "pip", before=OLD).returncode == 0
    assert guard(tmp_path, "--guard-allow=unsupported-pip:demo", "show", "pip", before=OLD).returncode == 2
    assert guard(tmp_path, "show", "pip", before=OLD).returncode == 42


# Another interpreter


def make_interpreter(path: Path) -> Path:
    path.write_text(f"#!/bin/sh\ntouch {path}.started\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_interpreter_of_a_variable_is_refused(tmp_path: Path) -> None:
    evil = make_interpreter(tmp_path / "python")
    ended = guard(tmp_path, "list", PIP_PYTHON=str(evil))
    assert (ended.returncode, ended.stdout) == (40, "")
    assert ended.stderr == (
        f"error: foreign-module\n\npip would run itself with {evil} instead of this interpreter.\n"
        "  set by PIP_PYTHON in the environment\n\n"
        f"hint: Remove the setting, or name the interpreter on the command line:\n      pip-guard --python {evil} ...\n"
        "docs: https://pip-guard-shim.readthedocs.io/en/stable/rules/foreign-module.html\n\nNothing was installed.\n"
    )
    assert not Path(f"{evil}.started").exists()


@pytest.mark.parametrize(
    ("arguments", "policy"),
    [
        pytest.param(["show", "pip"], '[rules]\nforeign-module = "warning"\n', id="warning"),
        pytest.param(["show", "pip"], '[rules]\nforeign-module = "off"\n', id="off"),
        pytest.param(["config", "list"], None, id="command-that-repairs"),
    ],
)
def test_interpreter_of_a_variable_is_never_started(tmp_path: Path, arguments: list[str], policy: str | None) -> None:
    evil = make_interpreter(tmp_path / "python")
    ended = guard(tmp_path, *arguments, policy=policy, PIP_PYTHON=str(evil))
    assert ended.returncode == 0
    assert ended.stdout
    assert not Path(f"{evil}.started").exists()


NOTHING_IS_ON = "[rules]\n" + "".join(f'{rule.id} = "off"\n' for rule in ALL_RULES)


def test_interpreter_of_a_variable_is_for_pip_to_start_where_every_rule_is_off(tmp_path: Path) -> None:
    named = make_interpreter(tmp_path / "python")
    guard(tmp_path, "show", "pip", policy=NOTHING_IS_ON, PIP_PYTHON=str(named))
    assert Path(f"{named}.started").exists()


def test_interpreter_that_is_none_is_for_pip_to_see_where_every_rule_is_off(tmp_path: Path) -> None:
    ended = guard(tmp_path, "--python", "nothing-there", "list", policy=NOTHING_IS_ON)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == "ERROR: Could not locate Python interpreter nothing-there\n"


def test_this_interpreter_may_be_named_by_a_variable(tmp_path: Path) -> None:
    ended = guard(tmp_path, "show", "pip", PIP_PYTHON=sys.executable)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith(f"Name: pip\nVersion: {pip.__version__}\n")


def test_interpreter_of_the_command_line_is_started_over_with(tmp_path: Path) -> None:
    ended = guard(tmp_path, "--python", sys.executable, "show", "pip")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith(f"Name: pip\nVersion: {pip.__version__}\n")


def test_interpreter_that_is_plain_to_see_is_started_over_with_before_pip_is_loaded(tmp_path: Path) -> None:
    shown = "import os; os.execve = lambda *ignored: print('pip' in sys.modules) or sys.exit()"
    first = guard(tmp_path, "--python", sys.executable, "show", "pip", before=shown)
    behind = guard(tmp_path, "--no-input", "--python", sys.executable, "show", "pip", before=shown)
    assert (first.stdout, behind.stdout) == ("False\n", "True\n")


def test_interpreter_of_the_command_line_must_be_one(tmp_path: Path) -> None:
    evil = make_interpreter(tmp_path / "python")
    ended = guard(tmp_path, "--python", evil, "list")
    assert (ended.returncode, ended.stdout) == (40, "")
    assert ended.stderr.startswith(f"error: --python {evil} cannot be used: it is not an executable program.\n")
    assert not Path(f"{evil}.started").exists()


# The active environment


# Stands in for a system on which starting over comes back, with the exit code.
COMES_BACK = """
from pip_guard.environment import relaunch
relaunch.run_in = lambda *arguments: print(*arguments) or 5
"""


@pytest.fixture
def active(tmp_path: Path) -> Path:
    """Make a virtual environment that holds nothing but an interpreter."""
    environment = tmp_path / "active"
    (environment / "bin").mkdir(parents=True)
    (environment / "bin" / "python").symlink_to(Path(sys.executable).resolve())
    settings = f"home = {Path(sys.executable).resolve().parent}\ninclude-system-site-packages = false\n"
    (environment / "pyvenv.cfg").write_text(settings, encoding="utf-8")
    return environment


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["list"], id="command"),
        pytest.param(["list", "--python-version=3.11"], id="option-that-begins-like-python"),
        pytest.param(["guard", "status"], id="action-about-an-environment"),
    ],
)
def test_command_starts_over_in_the_active_environment(tmp_path: Path, active: Path, arguments: list[str]) -> None:
    given = ["--guard-environment=active", *arguments]
    ended = guard(tmp_path, *given, before=COMES_BACK, VIRTUAL_ENV=str(active))
    assert (ended.returncode, ended.stderr) == (5, "")
    assert ended.stdout == f"{active / 'bin' / 'python'} {given}\n"


def test_command_sees_what_is_installed_in_the_active_environment(tmp_path: Path, active: Path) -> None:
    arguments = ["--guard-environment=active", "list", "--format=json"]
    ended = guard(tmp_path, *arguments, VIRTUAL_ENV=str(active))
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "[]\n", "")


def test_action_about_no_environment_stays_where_it_is(tmp_path: Path, active: Path) -> None:
    arguments = ["--guard-environment=active", "guard", "explain", "running-as-root"]
    ended = guard(tmp_path, *arguments, before=COMES_BACK, VIRTUAL_ENV=str(active))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("running-as-root (error ")


# A whole installation


def install(
    home: Path, wheel: Wheel
) -> tuple[subprocess.CompletedProcess[str], list[str], list[tuple[str, str, list[str]]]]:
    """Install a wheel into a folder; return how that ended, what is in the folder, and what was recorded."""
    with LocalIndex(tls=False) as index:
        index.publish(wheel)
        policy = (
            # an older pip is warned of for its bundle
            '[rules]\nrunning-as-root = "off"\noutside-virtual-environment = "off"\ndistrusted-authority = "off"\n'
            f'[indexes]\napproved = ["{index.url}"]\nfile-hosts = ["{index.files_url}"]\n'
            f'[advisories]\nsource = "{write_export(home / "export", make_malware(project="other"))}"\n'
        )
        options = ("--target=there", "--index-url", index.url, "--disable-pip-version-check")
        ended = guard(home, "install", *options, wheel.name, policy=policy)
    there = home / "there"
    events = [
        (event["event"], event["verdict"], [file["filename"] for file in event["files"]]) for event in recorded(home)
    ]
    return ended, sorted(path.name for path in there.iterdir()) if there.exists() else [], events


def test_installation_is_recorded_when_nothing_is_unpacked_yet_and_when_it_has_ended(tmp_path: Path) -> None:
    wheel = make_wheel("demo")
    ended, there, events = install(tmp_path, wheel)
    assert ended.returncode == 0, ended.stderr
    assert there == ["__pycache__", "demo-1.0.dist-info", "demo.py"]
    assert events == [("begin", "begun", [wheel.filename]), ("end", "allowed", [wheel.filename])]


def test_wheel_that_is_refused_is_not_unpacked(tmp_path: Path) -> None:
    wheel = make_wheel("demo", files={"demo.pth": "import demo\n"})
    ended, there, events = install(tmp_path, wheel)
    assert ended.returncode == 40
    assert ended.stderr.startswith("error: startup-code\n")
    assert (there, events) == ([], [("end", "refused", [wheel.filename])])


# The process


@pytest.mark.parametrize("policy", [pytest.param(NOTHING_IS_ON, id="every-rule-off"), pytest.param(None, id="guarded")])
def test_error_that_pip_leaves_to_the_interpreter_under_debug_is_pips(tmp_path: Path, policy: str | None) -> None:
    ended = guard(
        tmp_path, "--debug", "install", "--dry-run", "--root-user-action=ignore", "./x", policy=policy or ROOT_MAY
    )
    assert (ended.returncode, ended.stderr.splitlines()[-1]) == (
        1,
        "Hint: It looks like a path. File './x' does not exist.",
    )
    assert "pip-guard failed" not in ended.stderr


def test_error_that_pip_leaves_to_the_interpreter_is_pips_where_every_rule_is_off(tmp_path: Path) -> None:
    ended = guard(tmp_path, "install", "--only-binary=-x", "demo", policy=NOTHING_IS_ON)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("Traceback (most recent call last):\n")
    assert ended.stderr.endswith("CommandError: --no-binary / --only-binary option requires 1 argument.\n")


@pytest.mark.parametrize("debug", [pytest.param((), id="plain"), pytest.param(("--debug",), id="debug")])
def test_failure_of_pip_guard_is_not_taken_for_one_of_pip(tmp_path: Path, debug: tuple[str, ...]) -> None:
    code = "raise LookupError('lost')"
    before = (
        f"from pip_guard.pip_adapter import session\ndef lost(): {code}\nlost.__globals__['__name__'] = 'pip_guard.x'"
    )
    ended = guard(tmp_path, *debug, "install", "x", before=f"{before}\nsession.get_session = lost")
    assert (ended.returncode, "pip-guard failed" in ended.stderr) == (43, True)


@pytest.mark.parametrize("by_variable", [pytest.param(False, id="option"), pytest.param(True, id="variable")])
def test_program_is_the_module_of_the_interpreter_that_python_named(tmp_path: Path, by_variable: bool) -> None:
    named = Path(sys.executable).parent.resolve() / Path(sys.executable).name
    option, variable = ((), {"PIP_PYTHON": str(named)}) if by_variable else (("--python", named), {})
    ended = guard(tmp_path, *option, "list", "--no-such-option", policy=NOTHING_IS_ON, **variable)
    assert ended.stderr.split()[:4] == ["Usage:", str(named), "-m", "pip"]


@pytest.mark.parametrize("named", [pytest.param(".", id="relative"), pytest.param("{}", id="absolute")])
def test_pip_sees_the_distributions_of_a_working_directory_that_is_on_pythonpath(tmp_path: Path, named: str) -> None:
    metadata = tmp_path / "demo-1.0.dist-info" / "METADATA"
    metadata.parent.mkdir()
    metadata.write_text("Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n", encoding="utf-8")
    environ = {"PYTHONPATH": named.format(tmp_path)}
    assert "demo==1.0" not in run_python("-m", "pip_guard", "freeze", home=tmp_path).stdout.splitlines()
    seen = [
        run_python("-m", module, "freeze", home=tmp_path, environ=environ).stdout for module in ("pip", "pip_guard")
    ]
    assert "demo==1.0" in seen[0].splitlines()
    assert seen[1] == seen[0]


def test_pip_sees_the_distributions_of_a_pythonpath_that_was_hidden(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text("raise SystemExit('it ran')", encoding="utf-8")
    metadata = folder / "demo-1.0.dist-info" / "METADATA"
    metadata.parent.mkdir()
    metadata.write_text("Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n", encoding="utf-8")
    ended = run_python("-m", "pip_guard", "freeze", home=tmp_path, environ={"_PIP_GUARD_PYTHONPATH": str(folder)})
    assert "demo==1.0" in ended.stdout.splitlines()
    (folder / "pip.py").touch()
    ended = run_python("-m", "pip_guard", "freeze", home=tmp_path, environ={"_PIP_GUARD_PYTHONPATH": str(folder)})
    assert ended.returncode == 40
    assert f"pip would be imported from {folder}/pip.py, in a folder which PYTHONPATH names." in ended.stderr


def test_nothing_of_pip_is_imported_with_the_program(tmp_path: Path) -> None:
    code = "import sys, pip_guard.cli; print(sorted({name.partition('.')[0] for name in sys.modules} & {'pip', 'packaging'}))"
    assert run_python("-c", code, home=tmp_path).stdout == "[]\n"


@pytest.mark.parametrize("command", ["--version", "list", "show pip"])
def test_command_that_reads_loads_what_pip_loads_and_a_dozen_modules_more(tmp_path: Path, command: str) -> None:
    count = "import atexit, sys; atexit.register(lambda: sys.stderr.write(' '.join(sorted(sys.modules))));"
    run = (
        f"{count} import runpy; sys.argv = ['pip', *{command.split()!r}]; runpy.run_module('pip', run_name='__main__')"
    )
    by_pip = run_python("-c", run, home=tmp_path).stderr.split()
    by_guard = guard(tmp_path, *command.split(), before=count).stderr.split()
    own = {name for name in by_guard if name.partition(".")[0] == "pip_guard"}
    assert set(by_guard) - set(by_pip) - own <= {"gc"}
    assert not {".".join(name.split(".")[:2]) for name in own} - {"pip_guard"} - LOADED_ALWAYS


@pytest.mark.parametrize(
    ("called", "arguments", "stderr"),
    [
        pytest.param("bin/pip-guard", ["--version"], f"pip-guard {__version__}\n", id="own-name"),
        pytest.param("bin/pip-guard", ["-V"], f"pip-guard {__version__}\n", id="short"),
        pytest.param("bin/pip", ["--version"], "", id="name-of-pip"),
        pytest.param("bin/pip-guard", ["--guard-environment=own", "--version"], "", id="in-place-of-pip"),
    ],
)
def test_tells_its_own_version_where_it_is_called_by_its_name(
    tmp_path: Path, called: str, arguments: list[str], stderr: str
) -> None:
    code = f"import sys; sys.argv[0] = {called!r}; from pip_guard.cli import main; sys.exit(main())"
    shown = run_python("-c", code, *arguments, home=tmp_path)
    assert (shown.returncode, shown.stderr) == (0, stderr)
    assert shown.stdout.startswith(f"pip {pip_version()} from ")


@pytest.mark.parametrize(
    "stderr",
    [
        pytest.param("&-", id="closed"),
        pytest.param(
            "/dev/full",
            id="full",
            marks=pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no such device"),
        ),
    ],
)
def test_version_is_told_where_standard_error_takes_nothing(tmp_path: Path, stderr: str) -> None:
    code = "import sys; sys.argv[0] = 'bin/pip-guard'; from pip_guard.cli import main; sys.exit(main())"
    shown = subprocess.run(
        ["sh", "-c", f'exec "$@" 2>{stderr}', "sh", sys.executable, "-c", code, "--version"],
        env=environ_without_settings(tmp_path),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert shown.returncode == 0
    assert shown.stdout.startswith(f"pip {pip_version()} from ")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no such device")
def test_version_that_cannot_be_written_is_no_defect_of_ours(tmp_path: Path) -> None:
    ended = subprocess.run(
        ["sh", "-c", 'exec "$@" >/dev/full', "sh", sys.executable, "-u", "-m", "pip_guard", "--version"],
        env=environ_without_settings(tmp_path),
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (1, "ERROR: No space left on device\n")


def test_garbage_is_looked_for_rarely(tmp_path: Path) -> None:
    code = "import gc; from pip_guard import cli; cli._run = lambda arguments: 0; cli.main([]); print(gc.get_threshold()[0])"
    assert run_python("-c", code, home=tmp_path).stdout == "100000\n"


# Runs main() where something else ends the process in pip's place.
END = """
import atexit, sys, threading, time
from pip_guard import cli
from pip_guard.pip_adapter import entry

atexit.register(lambda: print("exit handler"))

def end(arguments):
    {code}

entry.start_pip = end
sys.stdout.write("before ")
sys.argv[1:] = ["list"]
sys.exit(cli.main())
"""
THREAD = "threading.Thread(target=lambda: (time.sleep(0.3), print('thread')), daemon={daemon}).start(); sys.exit(5)"


@pytest.mark.parametrize(
    ("code", "returncode", "stdout", "stderr"),
    [
        pytest.param("sys.exit()", 0, "before exit handler\n", "", id="success"),
        pytest.param("sys.exit(0)", 0, "before exit handler\n", "", id="zero"),
        pytest.param("sys.exit(23)", 23, "before exit handler\n", "", id="code"),
        pytest.param("sys.stderr.write('E'); sys.exit(1)", 1, "before exit handler\n", "E", id="error"),
        pytest.param("sys.exit('no good')", 1, "before exit handler\n", "no good\n", id="text"),
        pytest.param("return", 0, "before exit handler\n", "", id="returns"),
        pytest.param(THREAD.format(daemon=False), 5, "before thread\nexit handler\n", "", id="thread-at-work"),
        pytest.param(THREAD.format(daemon=True), 5, "before exit handler\n", "", id="thread-that-nobody-waits-for"),
        pytest.param("sys.stdout.flush(); sys.stdout = None; sys.exit(3)", 3, "before ", "", id="no-stream"),
    ],
)
def test_process_ends_as_pip_would_end_it(tmp_path: Path, code: str, returncode: int, stdout: str, stderr: str) -> None:
    ended = run_python("-c", END.format(code=code), home=tmp_path)
    assert (ended.returncode, ended.stdout, ended.stderr) == (returncode, stdout, stderr)


# Calls main() as a program that is not pip-guard would.
CALL = """
import sys
from pip_guard import cli

for arguments in (["help", "list"], ["list", "--help"], ["--no-such-option"]):
    try:
        print("returned", cli.main(arguments))
    except SystemExit as end:
        print("ended with", end.code)
"""


def test_process_of_a_caller_that_hands_over_arguments_goes_on(tmp_path: Path) -> None:
    called = run_python("-c", CALL, home=tmp_path)
    ends = [line for line in called.stdout.splitlines() if line.startswith(("returned", "ended"))]
    assert (called.returncode, ends) == (0, ["ended with 0", "ended with 0", "ended with 2"])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_output_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    command = ["/bin/sh", "-c", '"$0" -c "$1" >/dev/full', sys.executable, END.format(code="sys.exit(0)")]
    ended = subprocess.run(
        command, capture_output=True, check=False, text=True, env=environ_without_settings(tmp_path), cwd=tmp_path
    )
    assert ended.returncode == 120
    assert "No space left on device" in ended.stderr


SCRIPT = "import sys; import pip_guard.cli as cli; cli._run = lambda arguments: print(sys.path[0]) or 0; cli.main([])"


def test_nothing_is_imported_from_the_folder_of_the_script(tmp_path: Path) -> None:
    scripts = tmp_path / "bin"
    scripts.mkdir()
    (scripts / "pip-guard").write_text(SCRIPT, encoding="utf-8")
    (tmp_path / "link").symlink_to(scripts / "pip-guard")
    for path in (scripts / "pip-guard", tmp_path / "link"):
        ended = run_python(path, home=tmp_path)
        assert (ended.returncode, ended.stderr) == (0, "")
        assert ended.stdout.strip() != str(scripts)


def test_other_folders_stay_on_the_path(tmp_path: Path) -> None:
    code = f"import sys; sys.path.insert(0, '/elsewhere'); {SCRIPT}"
    assert run_python("-c", code, home=tmp_path).stdout == "/elsewhere\n"


def test_working_directory_may_be_gone(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    code = f"import os, sys; import pip_guard.cli; os.rmdir({str(gone)!r}); {SCRIPT}"
    ended = run_python("-c", code, home=tmp_path, cwd=gone)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "\n", "")


def test_module_leaves_the_working_directory_off_its_path(tmp_path: Path) -> None:
    make_evil(tmp_path)
    (tmp_path / "json.py").write_text("raise AssertionError\n", encoding="utf-8")
    ended = run_python("-m", "pip_guard", "show", "pip", home=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith(f"Name: pip\nVersion: {pip.__version__}\n")
    assert not (tmp_path / "sentinel").exists()


@pytest.mark.skipif(not hasattr(sys.flags, "safe_path"), reason="there is no -P")
def test_module_keeps_its_path_where_python_has_left_the_working_directory_off(tmp_path: Path) -> None:
    ended = run_python("-P", "-m", "pip_guard", "show", "pip", home=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("Name: pip\n")


def test_module_shows_itself_as_one(tmp_path: Path) -> None:
    ended = run_python("-m", "pip_guard", "help", home=tmp_path)
    # a long path makes pip break the line
    assert " ".join(ended.stdout.split()).startswith(f"Usage: {sys.executable} -m pip <command> [options] ")


# The journal


def recorded(home: Path) -> list[dict[str, Any]]:
    path = home / ".local" / "state" / "pip-guard" / "log" / "journal.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="ascii").splitlines()] if path.exists() else []


def test_refusal_before_pip_is_recorded(tmp_path: Path) -> None:
    make_evil(tmp_path / "evil")
    guard(tmp_path, "--proxy", "me:secret@p.example", "list", PYTHONPATH=str(tmp_path / "evil"))
    (record,) = recorded(tmp_path)
    assert (record["event"], record["verdict"], record["exit_code"]) == ("end", "refused", 40)
    assert (record["command"], record["argv"]) == (None, ["--proxy", "me:****@p.example", "list"])
    assert record["versions"]["pip"] is None
    assert [finding["rule"] for finding in record["findings"]] == ["foreign-module"]


def test_pip_that_is_too_old_is_recorded(tmp_path: Path) -> None:
    guard(tmp_path, "list", before=OLD)
    (record,) = recorded(tmp_path)
    assert (record["verdict"], record["exit_code"], record["versions"]["pip"]) == ("refused", 42, "25.3")


def test_command_that_nobody_knows_is_recorded(tmp_path: Path) -> None:
    guard(tmp_path, "fetch", "demo", before=NEW)
    (record,) = recorded(tmp_path)
    assert (record["verdict"], record["exit_code"], record["command"]) == ("refused", 42, "fetch")


def test_interpreter_that_is_refused_is_recorded(tmp_path: Path) -> None:
    guard(tmp_path, "list", PIP_PYTHON=str(make_interpreter(tmp_path / "python")))
    assert [record["verdict"] for record in recorded(tmp_path)] == ["refused"]


@pytest.mark.parametrize(
    ("arguments", "before", "code", "error"),
    [
        pytest.param(
            ["--guard-allow=known-malicious", "install", "x"], "", 41, "The policy cannot be used:", id="policy"
        ),
        pytest.param(
            ["--python", "/nowhere", "install", "x"], "", 40, "--python /nowhere cannot be used", id="undecided"
        ),
        pytest.param(
            ["install", "x"],
            "import pip_guard.commands.assembly as a; a.effective_policy = lambda own: 1 / 0",
            43,
            "pip-guard failed, so nothing was decided:",
            id="internal",
        ),
    ],
)
def test_what_could_not_be_decided_is_recorded(
    tmp_path: Path, arguments: list[str], before: str, code: int, error: str
) -> None:
    assert guard(tmp_path, *arguments, before=before).returncode == code
    (record,) = recorded(tmp_path)
    assert (record["verdict"], record["exit_code"], record["argv"]) == ("error", code, arguments)
    assert record["error"].startswith(error)


@pytest.mark.parametrize(
    ("arguments", "policy"),
    [
        pytest.param(["list"], None, id="reads"),
        pytest.param(["help"], None, id="help"),
        pytest.param(["guard", "explain"], None, id="guard"),
        pytest.param(["install", "--no-such-option"], None, id="usage-of-pip"),
        pytest.param(["install", "x", "--guard-nothing"], None, id="usage"),
        pytest.param(["install", "x", "--guard-allow=no-rule"], None, id="usage-with-a-policy"),
        pytest.param(["install", "x"], "oops", id="policy-that-cannot-be-read"),
        pytest.param(["config", "set", "global.timeout", "60"], "[journal]\nenabled = false\n", id="off"),
        pytest.param(["--guard-allow=known-malicious", "install"], "[journal]\nenabled = false\n", id="error-off"),
    ],
)
def test_nothing_else_is_recorded(tmp_path: Path, arguments: list[str], policy: str | None) -> None:
    guard(tmp_path, *arguments, policy=policy)
    assert recorded(tmp_path) == []
    assert not (tmp_path / ".local").exists()


def test_command_that_reads_does_not_load_the_journal(tmp_path: Path) -> None:
    before = "import atexit; atexit.register(lambda: print(*sorted(m for m in sys.modules if 'journal' in m or 'summary' in m)))"
    assert guard(tmp_path, "show", "pip", before=before).stdout.splitlines()[-1] == ""


def test_interruption_is_recorded(tmp_path: Path) -> None:
    before = """
from pip_guard.pip_adapter import session
from pip_guard.pip_adapter import entry
def run(arguments):
    session.get_session().announce("install")
    raise KeyboardInterrupt
entry._run_as_module = run
"""
    ended = guard(tmp_path, "install", "x", before=before)
    assert (ended.returncode, ended.stderr) == (1, "ERROR: Operation cancelled by user\n")
    (record,) = recorded(tmp_path)
    assert (record["verdict"], record["exit_code"], record["command"]) == ("failed", 1, "install")


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(
            "import pip._internal.cli.main as pips, pip_guard.cli\npips.main = pips.cli = pip_guard.cli.main",
            id="functions",
        ),
        pytest.param(
            "import runpy, pip_guard.cli\nrunpy.run_module = lambda *_, **named: sys.exit(pip_guard.cli.main())",
            id="module",
        ),
        pytest.param(
            "import runpy, pip_guard.cli\nrunpy.run_module = lambda *_, **named: sys.exit(pip_guard.cli.main(sys.argv[1:]))",
            id="module-with-arguments",
        ),
    ],
)
def test_pip_runs_where_pip_guard_stands_in_its_place(tmp_path: Path, before: str) -> None:
    ended = guard(tmp_path, "show", "no-such-project", before=before)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == "WARNING: Package(s) not found: no-such-project\n"


def test_pip_runs_again_after_it_has_ended(tmp_path: Path) -> None:
    code = f"import sys; from pip_guard.cli import main\n{TWICE}"
    ended = run_python("-c", code, home=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.splitlines() == ["0", "0"]


TWICE = """
for _ in range(2):
    try:
        main(["check", "--quiet"])
    except SystemExit as end:
        print(end.code)
"""
