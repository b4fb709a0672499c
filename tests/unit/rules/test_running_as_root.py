"""Test the rule against running as root."""

from __future__ import annotations

import pytest

from pip_guard.facts.command import CommandFacts
from pip_guard.facts.violation import Violation
from pip_guard.policy.model import Policy
from pip_guard.rules.running_as_root import RULE
from tests.unit.factories import make_command_facts


@pytest.mark.parametrize(
    ("facts", "violations"),
    [
        pytest.param(make_command_facts(), [], id="ordinary-user"),
        pytest.param(
            make_command_facts(in_virtual_environment=False, externally_managed=True), [], id="ordinary-user-outside"
        ),
        pytest.param(
            make_command_facts(runs_as_root=True),
            [Violation(message="pip install would run as root, and with it whatever it installs.")],
            id="root-in-virtual-environment",
        ),
        pytest.param(
            make_command_facts(command="download", runs_as_root=True, in_virtual_environment=False),
            [Violation(message="pip download would run as root, and with it whatever it installs.")],
            id="root-outside",
        ),
    ],
)
def test_refuses_root(facts: CommandFacts, violations: list[Violation]) -> None:
    assert list(RULE.check(facts, Policy())) == violations
