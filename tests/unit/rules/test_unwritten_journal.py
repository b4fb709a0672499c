"""Test the rule against changes of which there is no record."""

from __future__ import annotations

import pytest

from pip_guard.facts.command import JournalFacts
from pip_guard.facts.violation import Severity, Violation
from pip_guard.policy.model import Journal, Policy
from pip_guard.rules.unwritten_journal import RULE

PROBLEM = "cannot be written (No space left on device)"


@pytest.mark.parametrize(
    ("required", "before_change", "violation"),
    [
        pytest.param(
            True,
            True,
            Violation(message=f"pip would go on without a record: /var/j {PROBLEM}."),
            id="required-record-before-a-change",
        ),
        pytest.param(
            False,
            True,
            Violation(message=f"pip would go on without a record: /var/j {PROBLEM}.", severity=Severity.WARNING),
            id="record-before-a-change",
        ),
        pytest.param(
            True,
            False,
            Violation(message=f"pip ends without a record: /var/j {PROBLEM}.", severity=Severity.WARNING),
            id="required-record-of-the-end",
        ),
        pytest.param(
            False,
            False,
            Violation(message=f"pip ends without a record: /var/j {PROBLEM}.", severity=Severity.WARNING),
            id="record-of-the-end",
        ),
    ],
)
def test_finds_what_is_not_recorded(required: bool, before_change: bool, violation: Violation) -> None:
    facts = JournalFacts(path="/var/j", problem=PROBLEM, before_change=before_change)
    assert list(RULE.check(facts, Policy(journal=Journal(required=required)))) == [violation]
