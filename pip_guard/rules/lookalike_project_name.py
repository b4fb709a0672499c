"""Refuse a name that was probably meant to be another.

Anyone may publish under a name that is one slip of a finger away from a popular one, and one slip is enough to run their code.
The name is never corrected: it is for you to say which you meant.
"""

from __future__ import annotations

from collections.abc import Iterator

from pip_guard.engine.rule import Rule
from pip_guard.facts.candidate import CandidateFacts, CandidateKind
from pip_guard.facts.installed import InstalledFacts
from pip_guard.facts.origin import OriginKind
from pip_guard.facts.requirements import RequirementFacts
from pip_guard.facts.violation import Allow, Remedy, Severity, Violation
from pip_guard.policy.model import Policy


def check(facts: RequirementFacts | CandidateFacts | InstalledFacts, policy: Policy) -> Iterator[Violation]:
    """Find near misses of popular names: what the user wrote, what a dependency asks for, and what is installed."""
    if facts.project is None or policy.indexes.owner(facts.project) is not None:
        return
    if isinstance(facts, CandidateFacts) and (
        facts.direct or facts.kind is not CandidateKind.WHEEL or facts.origin.kind is not OriginKind.DEPENDENCY
    ):
        return
    # NOTE: what a package manager, a directory or a repository brought was not looked for by its name on an index.
    if isinstance(facts, InstalledFacts) and (facts.managed or facts.kind is not None):
        return
    # NOTE: the list of names is loaded by the first name that is judged.
    from pip_guard.names.lookalike import judge

    miss = judge(facts.project)
    # A dependency was written by the author of another project: only what is sure counts there.
    if miss is None or (miss.confidence == "likely" and not _is_requested(facts)):
        return
    installed = isinstance(facts, InstalledFacts)
    meant = f"Did you mean {miss.target}? " if miss.target else ""
    yield Violation(
        message=f"{facts.project} is {'installed, and ' if installed else ''}probably not what was meant: {miss.reason}. {meant}".rstrip(),
        origin=facts.origin,
        project=facts.project,
        severity=Severity.ERROR if miss.confidence == "sure" else Severity.WARNING,
        remedy=_remedy(facts.project, miss.target, installed=installed),
    )


def _is_requested(facts: RequirementFacts | CandidateFacts | InstalledFacts) -> bool:
    return isinstance(facts, RequirementFacts) or (isinstance(facts, InstalledFacts) and facts.requested)


def _remedy(project: str, target: str, *, installed: bool) -> Remedy:
    correct = f"Ask for {target}, or, if" if target else "If"
    if installed:
        correct = "Find out what it is before you start this Python again. If"
    return f"{correct} you really mean {project}, allow it:", Allow(project)


RULE = Rule(
    id="lookalike-project-name",
    summary="a near miss of a popular project's name, an error when it is sure and a warning when it is likely",
    severity=Severity.ERROR,
    remediation="Ask for the project that you mean.",
    since="0.1.0",
    facts=(RequirementFacts, CandidateFacts, InstalledFacts),
    check=check,
)
