"""Warn of yanked releases, and of archived or deprecated projects.

pip takes a yanked file only where a requirement pins it (PEP 592), and ignores the status of a project (PEP 792).
"""

from __future__ import annotations

from collections.abc import Iterator

from pip_guard.engine.rule import Rule
from pip_guard.facts.resolution import ProjectStatus, StatusFacts
from pip_guard.facts.violation import Allow, Severity, Violation
from pip_guard.policy.model import Policy

_MEANINGS = {
    ProjectStatus.ARCHIVED: "is archived: no more releases are expected",
    ProjectStatus.DEPRECATED: "is deprecated: its maintainers advise against it",
}


def check(facts: StatusFacts, policy: Policy) -> Iterator[Violation]:
    """Find yanked files, and projects that are archived or deprecated."""
    if facts.yanked is not None:
        yield Violation(
            message=f"pip would take {facts.project} {facts.version}, which was yanked{_because(facts.yanked)}.",
            origin=facts.origin,
            project=facts.project,
            version=facts.version,
            hashes=facts.hashes,
            remedy=("Ask for another version. If you need this one, allow it:", Allow(facts.project, facts.version)),
        )
    if facts.status in _MEANINGS:
        yield Violation(
            message=f"{facts.project} {_MEANINGS[facts.status]}{_because(facts.reason)}.",
            origin=facts.origin,
            project=facts.project,
            version=facts.version,
            hashes=facts.hashes,
            remedy=("Look for a project that replaces it. If you still need this one, allow it:", Allow(facts.project)),
        )


def _because(reason: str | None) -> str:
    return f" ({reason.rstrip('.')})" if reason else ""


RULE = Rule(
    id="yanked-release",
    summary="a release that was yanked, or a project that is archived or deprecated",
    severity=Severity.WARNING,
    remediation="Ask for a version that was not yanked.",
    since="0.1.0",
    facts=(StatusFacts,),
    check=check,
)
