"""Test the command that pip-guard adds to pip's."""

from __future__ import annotations

import pytest

from pip_guard.guard_actions import ACTIONS, OPTIONS, GuardRequest
from pip_guard.pip_adapter import session as module
from pip_guard.pip_adapter.commands.guard import GuardCommand


@pytest.mark.parametrize(
    ("arguments", "request_"),
    [
        pytest.param([], GuardRequest(arguments=()), id="nothing"),
        pytest.param(["explain", "x"], GuardRequest(arguments=("explain", "x")), id="explain"),
        pytest.param(
            ["allow", "x", "y==1", "--reason", "so", "--expires=2027-01-31"],
            GuardRequest(arguments=("allow", "x", "y==1"), options={"--reason": "so", "--expires": "2027-01-31"}),
            id="allow",
        ),
        pytest.param(
            ["enable", "--shell"], GuardRequest(arguments=("enable",), options={"--shell": True}), id="no-value"
        ),
        pytest.param(
            ["enable", "--shell", "--dry-run"],
            GuardRequest(arguments=("enable",), options={"--shell": True, "--dry-run": True}),
            id="no-value-before-an-option",
        ),
        pytest.param(
            ["enable", "--shell", "zsh", "--shims=/x"],
            GuardRequest(arguments=("enable",), options={"--shell": "zsh", "--shims": "/x"}),
            id="values-that-may-be-left-out",
        ),
        pytest.param(["config", "--json"], GuardRequest(arguments=("config",), options={"--json": True}), id="config"),
    ],
)
def test_hands_over_what_pip_parsed(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], request_: GuardRequest
) -> None:
    seen = []

    def answer(request: GuardRequest) -> int:
        seen.append(request)
        return 7

    monkeypatch.setattr(module, "_running", module._Running())
    module.set_guard_command(answer)
    command = GuardCommand("guard", "")
    assert command.run(*command.parse_args(arguments)) == 7
    assert seen == [request_]


def test_settings_of_pips_name_no_doors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_SHELL", "bash")
    options, _ = GuardCommand("guard", "").parse_args(["enable"])
    assert getattr(options, "--shell") is None


def test_names_its_actions_for_completion_and_in_its_help() -> None:
    command = GuardCommand("guard", "")
    assert list(command.handler_map()) == [action.name for action in ACTIONS]
    for action in ACTIONS:
        assert f"- {action.name}: {action.summary}" in str(command.__doc__)
        for usage in action.usages:
            assert f"%prog {action.name} {usage}".rstrip() in command.usage


def test_actions_name_options_that_there_are() -> None:
    assert {flag for action in ACTIONS for flag in action.options} == {option.flag for option in OPTIONS}


def test_needs_no_virtual_environment() -> None:
    assert GuardCommand.ignore_require_venv
