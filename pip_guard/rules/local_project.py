"""Refuse to build a directory that was not named on the command line.

Building a directory runs the build backend that it chooses. Naming one on the command line (`.` or `-e .`) is consent for that
directory alone; a requirements file, a variable or a dependency that points to a directory is not.
"""

from __future__ import annotations

from collections.abc import Iterator

from pip_guard.engine.rule import Rule
from pip_guard.facts.candidate import CandidateFacts, CandidateKind
from pip_guard.facts.installed import InstalledFacts
from pip_guard.facts.origin import OriginKind
from pip_guard.facts.violation import Allow, Remedy, Run, Severity, Violation
from pip_guard.policy.model import LocalProjects, Policy


def check(facts: CandidateFacts | InstalledFacts, policy: Policy) -> Iterator[Violation]:
    """Find a directory that would be built without consent."""
    if isinstance(facts, InstalledFacts):
        yield from _installed(facts, policy)
        return
    if facts.kind is not CandidateKind.DIRECTORY:
        return
    consent_counts = policy.local_projects is LocalProjects.COMMAND_LINE
    if facts.named_on_command_line and consent_counts:
        return
    # NOTE: a dependency can claim any name, so no exception applies to that name.
    project = None if facts.origin.kind is OriginKind.DEPENDENCY else facts.project
    yield Violation(
        message=f"pip would build the directory {facts.filename}, which runs code from it.",
        origin=facts.origin,
        project=project,
        place=facts.url,
        remedy=_remedy(facts, project, consent_counts=consent_counts),
    )


def _remedy(facts: CandidateFacts, project: str | None, *, consent_counts: bool) -> Remedy:
    allow = ("Allow it by name:", Allow(project)) if project else ("Allow the directory:", Allow(url=facts.url))
    if not consent_counts:
        return (RULE.remediation, *allow)
    flags = ("-e",) if facts.editable else ()
    return ("Name the directory on the command line:", Run(("install", *flags, facts.filename, "...")), *allow)


def _installed(facts: InstalledFacts, policy: Policy) -> Iterator[Violation]:
    if facts.kind is CandidateKind.DIRECTORY and policy.local_projects is not LocalProjects.COMMAND_LINE:
        yield Violation(
            message=f"{facts.project} {facts.version} was built from the directory {facts.url}.",
            origin=facts.origin,
            project=facts.project,
            version=facts.version,
            severity=Severity.WARNING,
        )


RULE = Rule(
    id="local-project",
    summary="a directory or an editable project that would be built, other than one named on the command line",
    severity=Severity.ERROR,
    remediation="Build a wheel of the project where its code may run, and install that wheel.",
    since="0.1.0",
    facts=(CandidateFacts, InstalledFacts),
    check=check,
    conditions=("project", "url"),
)
