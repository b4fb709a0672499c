"""Test the exit codes, which are published."""

from __future__ import annotations

from pip._internal.cli import status_codes

from pip_guard.errors import ExitCode


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
