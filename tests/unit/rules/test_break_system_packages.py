"""Test the rule against overriding the mark of an externally managed interpreter."""

from __future__ import annotations

import pytest

from pip_guard.facts.command import CommandFacts
from pip_guard.facts.violation import Violation
from pip_guard.policy.model import Policy
from pip_guard.rules.break_system_packages import RULE
from tests.unit.factories import COMMAND_LINE, CONFIGURATION, ENVIRONMENT, make_command_facts

MESSAGE = "pip would change an interpreter that the operating system manages."


@pytest.mark.parametrize(
    ("facts", "violations"),
    [
        pytest.param(make_command_facts(), [], id="virtual-environment"),
        pytest.param(make_command_facts(in_virtual_environment=False, externally_managed=True), [], id="no-override"),
        pytest.param(
            make_command_facts(in_virtual_environment=False, break_system_packages=COMMAND_LINE), [], id="no-mark"
        ),
        pytest.param(
            make_command_facts(externally_managed=True, break_system_packages=ENVIRONMENT),
            [],
            id="override-in-virtual-environment",
        ),
        pytest.param(
            make_command_facts(
                in_virtual_environment=False, externally_managed=True, break_system_packages=COMMAND_LINE
            ),
            [Violation(message=MESSAGE, origin=COMMAND_LINE)],
            id="override-on-the-command-line",
        ),
        pytest.param(
            make_command_facts(
                command="uninstall",
                in_virtual_environment=False,
                externally_managed=True,
                break_system_packages=CONFIGURATION,
            ),
            [Violation(message=MESSAGE, origin=CONFIGURATION)],
            id="override-in-a-file",
        ),
    ],
)
def test_refuses_an_override_that_has_an_effect(facts: CommandFacts, violations: list[Violation]) -> None:
    assert list(RULE.check(facts, Policy())) == violations
