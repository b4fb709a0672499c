"""Refuse a project from an index other than its own (dependency confusion).

With several indexes, pip takes the highest version from any of them, and anyone can publish a higher version of a private
project's name on a public index. The policy can pin projects to an index; a project without a pin must not be on two, and an
index that did not answer might have had it. A hash says which file is meant.
"""

from __future__ import annotations

from collections.abc import Iterator

from pip_guard.engine.rule import Rule
from pip_guard.facts.candidate import CandidateFacts, CandidateKind, OtherIndexFacts
from pip_guard.facts.violation import PolicyLines, Remedy, Severity, Violation
from pip_guard.policy.approval import is_local
from pip_guard.policy.model import Policy
from pip_guard.urls.compare import index_is_approved, is_below
from pip_guard.urls.location import Location


def check(facts: CandidateFacts | OtherIndexFacts, policy: Policy) -> Iterator[Violation]:
    """Find candidates from an index other than the project's, projects that only others have, and those whose index is ambiguous."""
    if isinstance(facts, OtherIndexFacts):
        yield from _only_elsewhere(facts, policy)
    elif facts.project is not None and facts.kind is not CandidateKind.DIRECTORY:
        yield from _candidate(facts, facts.project, policy)


def _only_elsewhere(facts: OtherIndexFacts, policy: Policy) -> Iterator[Violation]:
    for own in policy.indexes.pins(facts.project):
        others = frozenset(index for index in facts.indexes if not index_is_approved(index, [own]))
        if others:
            advice = f"Ask for a version that {own} has"
            if any(index_is_approved(index, [own]) for index in facts.silent_indexes):
                advice = f"{own} did not answer: try again later"
            elif not any(index_is_approved(index, [own]) for index in facts.asked):
                advice = f"Ask its own index, {own}"
            yield Violation(
                message=f"pip would take {facts.requirement} from {_join(others)}, but it belongs to {own}.",
                origin=facts.origin,
                project=facts.project,
                remedy=f"{advice}, or correct [indexes.projects] in the policy.",
            )


def _candidate(facts: CandidateFacts, project: str, policy: Policy) -> Iterator[Violation]:
    for index in policy.indexes.pins(project):
        if not _comes_from(index, facts):
            yield Violation(
                message=f"pip would take {project} from {facts.index or facts.url}, but it belongs to {index}.",
                origin=facts.origin,
                project=project,
            )
    # a file that is pinned by its hash is the intended one, wherever it comes from
    if policy.indexes.owner(project) is not None or facts.pinned:
        return
    if len(facts.offering_indexes) > 1:
        yield Violation(
            message=f"{project} is on several indexes, {_join(facts.offering_indexes)}, and the policy does not say which one to use.",
            origin=facts.origin,
            project=project,
            remedy=_pin(project, ""),
        )
    elif facts.silent_indexes and facts.index is not None:
        yield Violation(
            message=f"pip would take {project} from {facts.index}, while {_join(facts.silent_indexes)} did not answer.",
            origin=facts.origin,
            project=project,
            remedy=_pin(project, "Try again when it answers. "),
        )


def _comes_from(index: Location, facts: CandidateFacts) -> bool:
    """Tell whether a candidate is one of an index; a file of this machine is a matter of other rules."""
    if facts.index is None and (not facts.direct or is_local(facts.url)):
        return True
    if facts.index is not None and index_is_approved(facts.index, [index]):
        return True
    return facts.direct and is_below(facts.url, [index])


def _join(indexes: frozenset[str]) -> str:
    return " and ".join(sorted(indexes))


def _pin(project: str, advice: str) -> Remedy:
    # NOTE: which index that is must not be suggested: the one that pip has chosen may be the attacker's.
    lines = PolicyLines(f'[indexes.projects]\n"{project}" = "URL of its index"')
    return f"{advice}Find out which index it belongs to, and add that to the policy:", lines


RULE = Rule(
    id="wrong-index",
    summary="a project from another index than its own, or one that several indexes offer and that belongs to none",
    severity=Severity.ERROR,
    remediation="Ask its own index, or correct [indexes.projects] in the policy.",
    since="0.1.0",
    facts=(CandidateFacts, OtherIndexFacts),
    check=check,
    conditions=("project",),
)
