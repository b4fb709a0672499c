"""Refuse a local find-links folder that nobody asked for.

A find-links folder competes with the index, and the highest version wins. Naming one on the command line is consent; one added
by a requirements file, a variable or a configuration file is used without anybody noticing.
"""

from __future__ import annotations

from collections.abc import Iterator

from pip_guard.engine.rule import Rule
from pip_guard.facts.origin import OriginKind
from pip_guard.facts.requirements import SourceFacts
from pip_guard.facts.violation import Remedy, Run, Severity, Violation
from pip_guard.policy.approval import folder_url, is_approved_folder, is_local
from pip_guard.policy.model import LocalFindLinks, Policy
from pip_guard.policy.suggestions import approve


def check(facts: SourceFacts, policy: Policy) -> Iterator[Violation]:
    """Find local find-links folders that are neither approved nor named on the command line."""
    named_counts = policy.indexes.local_find_links is LocalFindLinks.COMMAND_LINE
    for folder in facts.find_links:
        if not is_local(folder.value) or (named_counts and folder.origin.kind is OriginKind.COMMAND_LINE):
            continue
        if not is_approved_folder(folder.value, policy):
            name: Remedy = (
                "Name the folder on the command line:",
                Run(("install", "--find-links", folder.value, "...")),
            )
            yield Violation(
                message=f"pip would take distributions from {folder.value}.",
                origin=folder.origin,
                remedy=(
                    *(name if named_counts else ()),
                    "If every command may use it, approve it.",
                    approve("approved", folder_url(folder.value)),
                ),
            )


RULE = Rule(
    id="find-links",
    summary="a local find-links folder that is neither approved nor named on the command line",
    severity=Severity.ERROR,
    remediation="Name the folder on the command line, or add it to [indexes] approved in the policy, as a file:// URL.",
    since="0.1.0",
    facts=(SourceFacts,),
    check=check,
    conditions=(),
)
