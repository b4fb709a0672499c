"""Test what the errors say, and with which code they end the process."""

from __future__ import annotations

import pytest
from pip._internal.cli import status_codes

from pip_guard.errors import ExitCode, GuardError, InternalError, PolicyError, UsageError


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [
        pytest.param(GuardError("no", hint="yes"), 40, id="undecided"),
        pytest.param(PolicyError(["no"]), 41, id="policy"),
        pytest.param(InternalError("no"), 43, id="internal"),
        pytest.param(UsageError("no", hint="yes"), 2, id="usage"),
    ],
)
def test_error_has_exit_code(error: GuardError, exit_code: int) -> None:
    assert error.exit_code == exit_code


def test_guard_error_carries_message_and_hint() -> None:
    error = GuardError("It is so.", hint="Do this.")
    assert (str(error), error.message, error.hint) == ("It is so.", "It is so.", "Do this.")


def test_internal_error_shows_the_trace() -> None:
    error = InternalError("Traceback:\n  File x\nValueError: no\n")
    assert error.message == "pip-guard failed, so nothing was decided:\nTraceback:\n  File x\nValueError: no"
    assert error.hint == "This is a defect of pip-guard. Please report it with the lines above."


def test_policy_error_names_every_problem() -> None:
    error = PolicyError(problem for problem in ("a.toml: rules.x: no", "a.toml: y: no"))
    assert error.problems == ("a.toml: rules.x: no", "a.toml: y: no")
    assert error.message == "The policy cannot be used:\na.toml: rules.x: no\na.toml: y: no"
    assert error.hint == "Correct the file, or name another one with --guard-policy=FILE. No policy is ever skipped."


def test_exit_codes_are_those_of_the_documentation() -> None:
    assert {code.name: code.value for code in ExitCode} == {
        "REFUSED": 40,
        "POLICY": 41,
        "UNSUPPORTED_PIP": 42,
        "INTERNAL": 43,
    }


def test_no_exit_code_is_one_of_pips() -> None:
    pips = {value for name, value in vars(status_codes).items() if name.isupper() and isinstance(value, int)}
    assert pips
    assert pips.isdisjoint(code.value for code in ExitCode)
