"""Refuse a project from an index other than its own (dependency confusion).

With several indexes, pip takes the highest version from any of them, and anyone can publish a higher version of a private
project's name on a public index. The policy can pin projects to an index; a project without a pin must not be on two, and an
index that did not answer might have had it. A hash says which file is meant.
"""

from __future__ import annotations

from collections.abc import Iterator

from pip_guard.engine.rule import Rule
from pip_guard.facts.candidate import CandidateFacts, CandidateKind
from pip_guard.facts.violation import PolicyLines, Remedy, Severity, Violation
from pip_guard.policy.approval import is_local
from pip_guard.policy.model import Policy
from pip_guard.urls.compare import index_is_approved, is_below
from pip_guard.urls.location import Location


def check(facts: CandidateFacts, policy: Policy) -> Iterator[Violation]:
    """Find candidates from an index other than the project's, and projects whose index is ambiguous."""
    if facts.project is None or facts.kind is CandidateKind.DIRECTORY:
        return
    owner = policy.indexes.owner(facts.project)
    for index in (*policy.indexes.required(facts.project), *([owner] if owner is not None else [])):
        if not _comes_from(index, facts):
            yield Violation(
                message=f"pip would take {facts.project} from {facts.index or facts.url}, but it belongs to {index}.",
                origin=facts.origin,
                project=facts.project,
            )
    if owner is not None or facts.pinned:  # whoever offers it, it is the file that was meant
        return
    if len(facts.offering_indexes) > 1:
        yield Violation(
            message=f"{facts.project} is on several indexes, {_join(facts.offering_indexes)}, and the policy does not say which one to use.",
            origin=facts.origin,
            project=facts.project,
            remedy=_pin(facts.project, ""),
        )
    elif facts.silent_indexes and facts.index is not None:
        yield Violation(
            message=f"pip would take {facts.project} from {facts.index}, while {_join(facts.silent_indexes)} did not answer.",
            origin=facts.origin,
            project=facts.project,
            remedy=_pin(facts.project, "Try again when it answers. "),
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
    facts=(CandidateFacts,),
    check=check,
    conditions=("project",),
)
