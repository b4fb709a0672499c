"""Refuse a project name that is probably a typo.

Anyone can publish under a name one typo away from a popular one, and one typo is enough to run their code. The name is never
corrected automatically: only you know which project you meant.
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
    # NOTE: a package manager, a directory or a repository does not look up a project by its name on an index.
    if isinstance(facts, InstalledFacts) and (facts.managed or facts.kind is not None):
        return
    # NOTE: importing this loads the list of names.
    from pip_guard.names.lookalike import judge

    miss = judge(facts.project)
    # The author of another project wrote a dependency, so only sure near misses count there.
    if miss is None or (miss.confidence == "likely" and not _is_requested(facts)):
        return
    installed = isinstance(facts, InstalledFacts)
    meant = f" Did you mean {miss.target}?" if miss.target else ""
    yield Violation(
        message=f"{facts.project} is {'installed, and ' if installed else ''}probably not what was meant: {miss.reason}.{meant}",
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
    conditions=("project",),
)
