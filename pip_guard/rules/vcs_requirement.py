"""Refuse a requirement that is a repository.

A repository contains source, so pip builds it, which runs its code; and a branch or tag can change at any time, without a
release, a file or a hash that anybody could check.
"""

from __future__ import annotations

from collections.abc import Iterator

from pip_guard.engine.rule import Rule
from pip_guard.facts.candidate import CandidateFacts, CandidateKind
from pip_guard.facts.installed import InstalledFacts
from pip_guard.facts.origin import OriginKind
from pip_guard.facts.violation import Allow, Severity, Violation
from pip_guard.policy.model import Policy

ADVICE = "Ask for a released wheel, or build a wheel from the repository where its code may run"


def check(facts: CandidateFacts | InstalledFacts, policy: Policy) -> Iterator[Violation]:
    """Find a requirement that would be cloned and built."""
    if isinstance(facts, InstalledFacts):
        yield from _installed(facts, policy)
        return
    if facts.kind is not CandidateKind.VCS:
        return
    # NOTE: a dependency can claim any name, so no exception applies to that name.
    project = None if facts.origin.kind is OriginKind.DEPENDENCY else facts.project
    yield Violation(
        message=f"pip would clone {facts.url} and build it, which runs code from that repository.",
        origin=facts.origin,
        project=project,
        place=facts.url,
        remedy=(
            (f"{ADVICE}, or allow it by name:", Allow(project))
            if project
            else (f"{ADVICE}, or allow this repository:", Allow(url=facts.url))
        ),
    )


def _installed(facts: InstalledFacts, policy: Policy) -> Iterator[Violation]:
    if facts.kind is CandidateKind.VCS:
        yield Violation(
            message=f"{facts.project} {facts.version} was built from the repository {facts.url}.",
            origin=facts.origin,
            project=facts.project,
            version=facts.version,
            severity=Severity.WARNING,
            remedy="Install a released wheel of it.",
        )


RULE = Rule(
    id="vcs-requirement",
    summary="a requirement from git, Mercurial, Subversion or Bazaar, which would be cloned and built",
    severity=Severity.ERROR,
    remediation=f"{ADVICE}.",
    since="0.1.0",
    facts=(CandidateFacts, InstalledFacts),
    check=check,
    conditions=("project", "url"),
)
