"""Test the rule against requirements without hashes."""

from __future__ import annotations

import pytest

from pip_guard.facts.requirements import HashCheckingFacts, RequirementFacts
from pip_guard.facts.violation import Severity, Violation
from pip_guard.policy.model import Policy
from pip_guard.rules.missing_hash import RULE
from tests.unit.factories import COMMAND_LINE, REQUIREMENTS, make_requirement_facts


@pytest.mark.parametrize(
    ("facts", "violations"),
    [
        pytest.param(make_requirement_facts(has_hash=True), [], id="hash"),
        pytest.param(
            make_requirement_facts(origin=REQUIREMENTS),
            [
                Violation(
                    message="pip would accept any file for demo>=1: the requirement has no hash.",
                    origin=REQUIREMENTS,
                    project="demo",
                )
            ],
            id="no-hash",
        ),
        pytest.param(
            HashCheckingFacts(origin=COMMAND_LINE),
            [
                Violation(
                    message="pip would not require hashes for the other requirements.",
                    origin=COMMAND_LINE,
                    remedy="Remove --no-require-hashes.",
                )
            ],
            id="hash-checking-is-off",
        ),
    ],
)
def test_finds_what_has_no_hash(facts: RequirementFacts | HashCheckingFacts, violations: list[Violation]) -> None:
    assert list(RULE.check(facts, Policy())) == violations


def test_is_off_by_default() -> None:
    assert RULE.severity is Severity.OFF
