"""Refuse an index that nobody approved.

pip takes the highest version that any index offers, whoever put it there, and an index can be added in a dozen places: a
requirements file, a variable, any of four configuration files. Only the indexes that the policy names are asked; a find-links
page on the network counts as one.
"""

from __future__ import annotations

from collections.abc import Iterator

from pip_guard.engine.rule import Rule
from pip_guard.facts.candidate import CandidateFacts
from pip_guard.facts.origin import Setting
from pip_guard.facts.requirements import SourceFacts
from pip_guard.facts.violation import Severity, Violation
from pip_guard.policy.approval import is_approved_index, is_approved_page, is_local
from pip_guard.policy.model import Policy
from pip_guard.policy.suggestions import approve_index


def check(facts: SourceFacts | CandidateFacts, policy: Policy) -> Iterator[Violation]:
    """Find indexes, and find-links pages on the network, that are not approved, and files that only such pages list."""
    match facts:
        case SourceFacts():
            yield from _check_sources(facts, policy)
        case CandidateFacts(direct=False, index=str(page)) if not is_local(page) and is_local(facts.url):
            yield Violation(
                message=f"{page} makes pip take {facts.url} from this machine.",
                origin=facts.origin,
                project=facts.project,
                remedy="Name the file on the command line, if you trust it: an index should list no files of this machine.",
            )
        case CandidateFacts(direct=False, index=str(page)) if not is_approved_page(page, policy):
            # NOTE: a folder called "https:" in the working directory stands in for every index, as pip looks for it first.
            yield Violation(
                message=f"pip would take {facts.filename} from {page}, which is not a page of an approved index.",
                origin=facts.origin,
                project=facts.project,
                remedy="Find out why pip reads that page: a folder called https: in the working directory stands in for an index.",
            )
        case _:
            return


def _check_sources(facts: SourceFacts, policy: Policy) -> Iterator[Violation]:
    for index in facts.indexes:
        if not is_approved_index(index.value, policy):
            yield _violation("look for distributions on", index)
    for page in facts.find_links:
        if not is_local(page.value) and not is_approved_index(page.value, policy):
            yield _violation("look for links on", page)


def _violation(what: str, setting: Setting) -> Violation:
    return Violation(
        message=f"pip would {what} {setting.value}, which is not approved.",
        origin=setting.origin,
        remedy=(RULE.remediation, approve_index(setting.value)),
    )


RULE = Rule(
    id="unapproved-index",
    summary="an index, an extra index or a find-links page on the network that is not approved",
    severity=Severity.ERROR,
    remediation="Remove it where it is set, or, if you trust it, approve it.",
    since="0.1.0",
    facts=(SourceFacts, CandidateFacts),
    check=check,
    conditions=("project",),
)
