"""Test which programs ``pip freeze`` may start."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

import pytest
from pip._internal.commands.freeze import FreezeCommand

from pip_guard.environment import programs
from pip_guard.errors import PolicyError
from pip_guard.pip_adapter import session
from pip_guard.pip_adapter.commands import freeze
from pip_guard.pip_adapter.commands.freeze import GuardedFreezeCommand


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[object]:
    """Make a folder of a user's with a ``git`` and one of the system's; collect audit hooks, of which a process cannot be rid."""
    for name in ("own/git", "system/git", "own/hg"):
        program = tmp_path / name
        program.parent.mkdir(exist_ok=True)
        program.touch(mode=0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/own{os.pathsep}{tmp_path}/system")
    monkeypatch.setattr(programs, "system_path", lambda path: path.replace(f"{tmp_path}/own{os.pathsep}", ""))
    monkeypatch.setattr(session, "are_rules_off", lambda: False)
    monkeypatch.setattr(FreezeCommand, "run", lambda self, options, args: 0)
    hooks: list[object] = []
    monkeypatch.setattr(sys, "addaudithook", hooks.append)
    return hooks


def run() -> int:
    command = GuardedFreezeCommand("freeze", "List what is installed.")
    return command.run(*command.parse_args([]))


def test_help_is_pips() -> None:
    assert GuardedFreezeCommand.__doc__ == FreezeCommand.__doc__


def test_user_program_is_not_found(hooks: list[object], tmp_path: Path) -> None:
    assert run() == 0
    assert os.environ["PATH"] == f"{tmp_path}/system"
    assert len(hooks) == 1


def test_nothing_is_found_where_no_folder_is_the_system_s(
    hooks: list[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "system_path", lambda path: "")
    run()
    # an empty PATH would be the working directory
    assert os.environ["PATH"] == os.devnull
    assert len(hooks) == 1


def test_path_stays_where_it_makes_no_difference(hooks: list[object], tmp_path: Path) -> None:
    for name in ("git", "hg"):
        (tmp_path / "own" / name).unlink()
    run()
    assert os.environ["PATH"] == f"{tmp_path}/own{os.pathsep}{tmp_path}/system"
    assert hooks == []


def test_path_stays_where_it_is_the_system_s(
    hooks: list[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PATH")
    monkeypatch.setattr(programs, "system_path", lambda path: path)
    run()
    assert "PATH" not in os.environ
    assert hooks == []


def test_path_stays_where_every_rule_is_off(
    hooks: list[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "are_rules_off", lambda: True)
    run()
    assert os.environ["PATH"].startswith(f"{tmp_path}/own")
    assert hooks == []


def test_broken_policy_switches_nothing_off(
    hooks: list[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> bool:
        raise PolicyError(["broken"])

    monkeypatch.setattr(session, "are_rules_off", fail)
    run()
    assert os.environ["PATH"] == f"{tmp_path}/system"


def test_says_once_which_program_is_not_started(
    hooks: list[object], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger=freeze.__name__)
    run()
    (hook,) = hooks
    assert callable(hook)
    for event, program in (
        ("os.system", "hg"),
        ("subprocess.Popen", "true"),
        ("subprocess.Popen", "git"),
        *[("subprocess.Popen", "hg")] * 2,
    ):
        hook(event, (program, [program], None, None))
    said = "was not started: others than root can put programs into its folder."
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("DEBUG", f"{tmp_path}/own/git {said}"),
        ("WARNING", f"{tmp_path}/own/hg {said}"),
    ]
