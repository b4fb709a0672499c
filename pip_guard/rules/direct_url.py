"""Refuse a direct URL to a file that is not under an approved place, and, where a lock covers the places, to such a repository.

A direct URL bypasses the index, and with it everything that the index checks, records or can take down.
"""

from __future__ import annotations

from collections.abc import Iterator

from pip_guard.engine.rule import Rule
from pip_guard.facts.candidate import CandidateFacts, CandidateKind
from pip_guard.facts.installed import InstalledFacts
from pip_guard.facts.origin import OriginKind
from pip_guard.facts.violation import Severity, Violation
from pip_guard.policy.approval import is_approved_file, is_approved_repository, is_local
from pip_guard.policy.model import Policy
from pip_guard.policy.suggestions import approve
from pip_guard.urls.compare import folder_of


def check(facts: CandidateFacts | InstalledFacts, policy: Policy) -> Iterator[Violation]:
    """Find direct URLs of files outside the approved places; the user may name a local file."""
    if isinstance(facts, InstalledFacts):
        yield from _installed(facts, policy)
        return
    if facts.kind is CandidateKind.VCS and not is_approved_repository(facts.url, policy):
        yield Violation(
            message=f"pip would clone {facts.url}, which is not approved.",
            origin=facts.origin,
            project=None if facts.origin.kind is OriginKind.DEPENDENCY else facts.project,
            place=facts.url,
            remedy="Ask for a released wheel. Only the administrator's policy can approve the place of a repository here.",
        )
    if not facts.direct or facts.kind not in (CandidateKind.WHEEL, CandidateKind.SOURCE_ARCHIVE):
        return
    if is_local(facts.url) and facts.origin.kind is OriginKind.ARGUMENT:
        return
    if not is_approved_file(facts.url, policy):
        yield Violation(
            message=f"pip would take {facts.filename or 'a file'} from {facts.url}, which is not approved.",
            origin=facts.origin,
            project=None if facts.origin.kind is OriginKind.DEPENDENCY else facts.project,
            hashes=facts.hashes,
            place=facts.url,
            remedy=(RULE.remediation, approve("file-hosts", folder_of(facts.url))),
        )


def _installed(facts: InstalledFacts, policy: Policy) -> Iterator[Violation]:
    if (
        facts.kind in (CandidateKind.WHEEL, CandidateKind.SOURCE_ARCHIVE)
        and not is_local(facts.url)
        and not is_approved_file(facts.url, policy)
    ):
        yield Violation(
            message=f"{facts.project} {facts.version} was taken from {facts.url}, which is not approved.",
            origin=facts.origin,
            project=facts.project,
            version=facts.version,
            severity=Severity.WARNING,
            remedy=("If you trust the place, approve it.", approve("file-hosts", folder_of(facts.url))),
        )


RULE = Rule(
    id="direct-url",
    summary="a direct URL of a file whose place is not approved",
    severity=Severity.ERROR,
    remediation=(
        "Ask for the project by name, or name a local file on the command line.\nIf you trust the place, approve it."
    ),
    since="0.1.0",
    facts=(CandidateFacts, InstalledFacts),
    check=check,
    conditions=("project", "hash", "url"),
)
