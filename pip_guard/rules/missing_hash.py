"""Refuse requirements without hashes.

A version names a release, a hash names the exact file. Off by default, because only locked requirements have hashes; in
deployments, hashes are what makes two installations the same.
"""

from __future__ import annotations

from collections.abc import Iterator

from pip_guard.engine.rule import Rule
from pip_guard.facts.requirements import HashCheckingFacts, RequirementFacts
from pip_guard.facts.violation import Severity, Violation
from pip_guard.policy.model import Policy


def check(facts: RequirementFacts | HashCheckingFacts, policy: Policy) -> Iterator[Violation]:
    """Find requirements without a hash, and the option that switches hash checking off."""
    match facts:
        case RequirementFacts(has_hash=False):
            yield Violation(
                message=f"pip would accept any file for {facts.requirement}: the requirement has no hash.",
                origin=facts.origin,
                project=facts.project,
            )
        case HashCheckingFacts():
            yield Violation(
                message="pip would not require hashes for the other requirements.",
                origin=facts.origin,
                remedy="Remove --no-require-hashes.",
            )
        case _:
            return


RULE = Rule(
    id="missing-hash",
    summary="a requirement without a hash",
    severity=Severity.OFF,
    remediation="Give every requirement its hashes: pip-guard lock, or pip-compile --generate-hashes.",
    since="0.1.0",
    facts=(RequirementFacts, HashCheckingFacts),
    check=check,
    conditions=("project",),
)
