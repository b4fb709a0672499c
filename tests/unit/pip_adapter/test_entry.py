"""Test how pip-guard's commands get into pip, and what is read of a command line before pip runs."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pip._internal.commands import CommandInfo, commands_dict, create_command
from pip._internal.utils import entrypoints

from pip_guard.environment.active import IN_TARGET
from pip_guard.environment.relaunch import MainOptions
from pip_guard.facts.origin import Origin, OriginKind, Setting
from pip_guard.pip_adapter import entry
from pip_guard.pip_adapter.commands.config import GuardedConfigurationCommand
from pip_guard.pip_adapter.commands.factory import AskingCommand, ListCommand
from pip_guard.pip_adapter.commands.guarded import GuardedCommand
from pip_guard.pip_adapter.commands.guarded_requirements import GuardedRequirementCommand
from pip_guard.pip_adapter.entry import (
    UNGUARDED,
    read_main_options,
    register_commands,
    set_program_name,
)
from tests.kit.interpreter import run_python

# What guards each command of pip.
GUARDED = {
    "install": GuardedRequirementCommand,
    "lock": GuardedRequirementCommand,
    "download": GuardedRequirementCommand,
    "wheel": GuardedRequirementCommand,
    "uninstall": GuardedCommand,
    "list": ListCommand,
    "index": AskingCommand,
    "search": AskingCommand,
    "config": GuardedConfigurationCommand,
}
PIPS = {name: commands_dict[name] for name in GUARDED}
START = "import sys; from pip_guard.pip_adapter import entry; entry.register_commands(); entry.start_pip(sys.argv[1:])"


@pytest.fixture
def commands() -> Iterator[dict[str, CommandInfo]]:
    """Register the commands until the test ends."""
    before = dict(commands_dict)
    register_commands()
    yield dict(commands_dict)
    commands_dict.clear()
    commands_dict.update(before)


# Commands


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in GUARDED])
def test_command_is_a_subclass_of_pips_own(commands: dict[str, CommandInfo], name: str) -> None:
    own = getattr(importlib.import_module(PIPS[name].module_path), PIPS[name].class_name)
    made = create_command(name)
    ours = type(made)
    assert ours.__bases__ == (GUARDED[name], own)
    assert (ours.__doc__, made.usage, commands[name].summary) == (own.__doc__, own.usage, PIPS[name].summary)
    assert (made.name, made.summary) == (name, PIPS[name].summary)


def test_commands_that_go_nowhere_are_left_alone(commands: dict[str, CommandInfo]) -> None:
    others = {name: command.module_path for name, command in commands.items() if name not in GUARDED}
    assert others.pop("guard") == "pip_guard.pip_adapter.commands.guard"
    assert others.pop("freeze") == "pip_guard.pip_adapter.commands.freeze"
    assert all(path.startswith("pip._internal.commands.") for path in others.values())


def test_every_command_of_pip_is_guarded_or_known_to_be_harmless() -> None:
    assert set(commands_dict) - {"guard"} == set(GUARDED) | UNGUARDED
    assert set(GUARDED).isdisjoint(UNGUARDED)


def test_command_that_nobody_knows_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    before = dict(commands_dict)
    commands_dict["fetch"] = CommandInfo("pip._internal.commands.fetch", "FetchCommand", "Fetch.")
    try:
        register_commands()
        fetch = commands_dict["fetch"]
    finally:
        commands_dict.clear()
        commands_dict.update(before)
    assert fetch == CommandInfo("pip_guard.pip_adapter.commands.factory", "make_command", "Fetch.")


def test_pip_lists_the_guard_command_and_its_own(tmp_path: Path) -> None:
    listed = run_python("-c", START, "help", home=tmp_path, environ={"COLUMNS": "200"})
    assert (listed.returncode, listed.stderr) == (0, "")
    lines = [line.strip() for line in listed.stdout.splitlines()]
    assert "guard                       Manage pip-guard: status, policy, exceptions, log." in lines
    for name, command in PIPS.items():
        assert f"{name:27} {command.summary}" in lines


def test_pip_shows_help_of_the_guard_command(tmp_path: Path) -> None:
    shown = run_python("-c", START, "help", "guard", home=tmp_path)
    assert (shown.returncode, shown.stderr) == (0, "")
    # a long path makes pip break the line
    assert "guard explain [<rule>]" in " ".join(shown.stdout.split())
    assert "Manage pip-guard: status, policy, exceptions, log." in shown.stdout


def test_pip_runs_in_this_process_with_these_arguments(tmp_path: Path) -> None:
    shown = run_python("-c", f"import os; print(os.getpid(), flush=True)\n{START}", "--version", home=tmp_path)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.splitlines()[1].startswith("pip ")


def test_pip_runs_where_the_working_directory_is_gone(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    # CPython 3.13.0 itself cannot import `socket` there
    code = f"import os, pip_guard.pip_adapter.entry; os.rmdir({str(gone)!r})\n{START}"
    shown = run_python("-c", code, "--version", home=tmp_path, cwd=gone)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.startswith("pip ")


OLD_WRAPPER = "WARNING: pip is being invoked by an old script wrapper."


def test_pip_warns_of_an_old_script(tmp_path: Path) -> None:
    shown = run_python("-c", START, "no-such-command", home=tmp_path, environ={entry.OLD_SCRIPT: "1"})
    assert shown.stderr.startswith(OLD_WRAPPER)
    assert shown.stderr.endswith('\nERROR: unknown command "no-such-command"\n')


def test_warning_of_an_old_script_starts_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    before = vars(entrypoints)["main"]
    entry._warn_of_old_script()
    assert capsys.readouterr().err.startswith(OLD_WRAPPER)
    assert vars(entrypoints)["main"] is before


def test_exit_code_is_pips_own(tmp_path: Path) -> None:
    shown = run_python("-c", START, "no-such-command", home=tmp_path)
    assert (shown.returncode, shown.stdout) == (1, "")
    assert shown.stderr == 'ERROR: unknown command "no-such-command"\n'


# Main options


@pytest.fixture
def hermetic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.delenv(IN_TARGET, raising=False)


def on_command_line(text: str) -> Origin:
    return Origin(kind=OriginKind.COMMAND_LINE, text=f"{text} on the command line")


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        pytest.param([], MainOptions(interpreter=None), id="nothing"),
        pytest.param(["install", "demo"], MainOptions(interpreter=None), id="command"),
        pytest.param(["-v", "--isolated", "list"], MainOptions(interpreter=None), id="options-first"),
        pytest.param(
            ["--python", "/x/python", "install", "demo"],
            MainOptions(
                interpreter=Setting(value="/x/python", origin=on_command_line("--python /x/python")),
            ),
            id="python",
        ),
        pytest.param(
            ["--pyth=/x"],
            MainOptions(interpreter=Setting(value="/x", origin=on_command_line("--python /x"))),
            id="python-abbreviated",
        ),
        pytest.param(
            ["--python", "/x", "--python=/y", "list"],
            MainOptions(interpreter=Setting(value="/y", origin=on_command_line("--python /y"))),
            id="last-python",
        ),
        pytest.param(["--log", "config", "list"], MainOptions(interpreter=None), id="value-like-a-command"),
        pytest.param(["install", "--python", "/x"], MainOptions(interpreter=None), id="python-after-command"),
        pytest.param(["config", "list"], MainOptions(interpreter=None, repairs=True), id="config"),
        pytest.param(
            ["guard", "--json", "config"],
            MainOptions(interpreter=None, repairs=True),
            id="shows-settings",
        ),
        pytest.param(["--", "install"], MainOptions(interpreter=None), id="two-dashes"),
    ],
)
def test_reads_what_stands_before_the_command(hermetic: None, arguments: list[str], options: MainOptions) -> None:
    assert read_main_options(tuple(arguments)) == options


@pytest.mark.parametrize("isolated", [pytest.param([], id="plain"), pytest.param(["--isolated"], id="isolated")])
@pytest.mark.parametrize("variable", ["PIP_PYTHON", "PIP_Python"])
def test_reads_the_interpreter_that_a_variable_names(
    hermetic: None, monkeypatch: pytest.MonkeyPatch, variable: str, isolated: list[str]
) -> None:
    monkeypatch.setenv(variable, "/x")
    origin = Origin(kind=OriginKind.ENVIRONMENT, text=f"{variable} in the environment")
    assert read_main_options([*isolated, "list"]) == MainOptions(interpreter=Setting(value="/x", origin=origin))


def test_reads_the_interpreter_that_a_file_names(
    hermetic: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "pip.conf"
    path.write_text("[global]\npython = /x\n", encoding="utf-8")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(path))
    origin = Origin(kind=OriginKind.CONFIGURATION, text=f"[global] python, line 2 of {path}")
    assert read_main_options(["list"]).interpreter == Setting(value="/x", origin=origin)


def test_command_line_beats_the_variable(hermetic: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_PYTHON", "/x")
    assert read_main_options(["--python=/y", "list"]).interpreter == Setting(
        value="/y", origin=on_command_line("--python /y")
    )


def test_interpreter_is_chosen_once(hermetic: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(IN_TARGET, "1")
    assert read_main_options(["--python=/x", "list"]) == MainOptions(interpreter=None)


def test_what_pip_cannot_parse_ends_as_pip_ends_it(hermetic: None, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        read_main_options(["--no-such-option", "list"])
    assert caught.value.code == 2
    assert capsys.readouterr().err.endswith("no such option: --no-such-option\n")


# Name of the program


def broken(path: Path) -> None:
    path.write_text("[global]\n[global]\n", encoding="utf-8")


@pytest.mark.parametrize("make", [broken, os.mkfifo])
@pytest.mark.parametrize("action", ["status", "enable", "disable", "version"])
def test_some_actions_run_although_the_configuration_is_broken(
    make: Callable[[Path], None], action: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path / "pip.conf")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    assert read_main_options(["-q", "guard", action]).interpreter is None
    assert os.environ["PIP_CONFIG_FILE"] == os.devnull


def test_no_other_command_runs_with_a_broken_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken(tmp_path / "pip.conf")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    with pytest.raises(SystemExit):
        read_main_options(["guard", "policy"])


def test_configuration_that_can_be_read_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "pip.conf"
    path.write_text("[global]\npython = /x\n", encoding="utf-8")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(path))
    interpreter = read_main_options(["guard", "status"]).interpreter
    assert interpreter is not None
    assert interpreter.value == "/x"


@pytest.mark.parametrize(
    ("called", "in_target", "system", "name"),
    [
        pytest.param("bin/pip-guard", False, "posix", "pip", id="script"),
        pytest.param("bin/pip", False, "posix", "bin/pip", id="script-in-the-place-of-pip"),
        pytest.param("bin/pip3", False, "posix", "bin/pip3", id="script-in-the-place-of-pip3"),
        pytest.param("bin/pip3.14", False, "posix", "bin/pip3.14", id="script-in-the-place-of-pip3.14"),
        pytest.param("bin/pip-of-mine", False, "posix", "pip", id="script-by-another-name"),
        pytest.param("pip_guard/__main__.py", False, "posix", "__main__.py", id="module"),
        pytest.param("pip-guard.exe", False, "nt", "pip-guard.exe", id="script-on-windows-keeps-its-name"),
        pytest.param("bin/pip-guard", True, "posix", "__main__.py", id="in-another-interpreter"),
        pytest.param("__main__.py", False, "nt", "__main__.py", id="module-on-windows"),
    ],
)
def test_program_goes_by_the_name_that_pip_shows(
    monkeypatch: pytest.MonkeyPatch, called: str, in_target: bool, system: str, name: str
) -> None:
    monkeypatch.setattr(sys, "argv", [called, "list"])
    if in_target:
        monkeypatch.setenv(IN_TARGET, "1")
    else:
        monkeypatch.delenv(IN_TARGET, raising=False)
    with monkeypatch.context() as patch:
        patch.setattr(os, "name", system)
        set_program_name()
    assert sys.argv == [name, "list"]
