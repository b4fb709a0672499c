"""Refuse to change anything without a journal record, where the policy requires one.

Otherwise this is a warning: a full disk must not keep anybody from working.
"""

from __future__ import annotations

from collections.abc import Iterator

from pip_guard.engine.rule import Rule
from pip_guard.facts.command import JournalFacts
from pip_guard.facts.violation import Severity, Violation
from pip_guard.policy.model import Policy


def check(facts: JournalFacts, policy: Policy) -> Iterator[Violation]:
    """Find a journal that cannot be written."""
    refuses = facts.before_change and policy.journal.required
    would = "would go on without a record" if facts.before_change else "ends without a record"
    yield Violation(
        message=f"pip {would}: {facts.path} {facts.problem}.", severity=None if refuses else Severity.WARNING
    )


RULE = Rule(
    id="unwritten-journal",
    summary="a journal that cannot be written; a warning unless the policy requires a record",
    severity=Severity.ERROR,
    remediation="Free disk space, make the folder yours alone, or set another file in the policy: [journal] path.",
    since="0.1.0",
    facts=(JournalFacts,),
    check=check,
    conditions=(),
)
