"""Refuse a requirements, constraints or lock file from a URL that is not approved.

Such a file can name any distribution, and whoever serves it can change it at any time.
"""

from __future__ import annotations

from collections.abc import Iterator

from pip_guard.engine.rule import Rule
from pip_guard.facts.requirements import SourceFacts
from pip_guard.facts.violation import Severity, Violation
from pip_guard.policy.approval import is_approved_file, is_local
from pip_guard.policy.model import Policy
from pip_guard.policy.suggestions import approve
from pip_guard.urls.compare import folder_of


def check(facts: SourceFacts, policy: Policy) -> Iterator[Violation]:
    """Find files that pip would fetch from places that are not approved."""
    for file in facts.requirement_files:
        if not is_local(file.value) and not is_approved_file(file.value, policy):
            yield Violation(
                message=f"pip would read requirements from {file.value}, which is not approved.",
                origin=file.origin,
                remedy=(RULE.remediation, approve("file-hosts", folder_of(file.value))),
            )


RULE = Rule(
    id="remote-requirements-file",
    summary="a requirements, constraints or lock file from a URL that is not approved",
    severity=Severity.ERROR,
    remediation="Download the file, read it, and name the copy. If you trust the place, approve it.",
    since="0.1.0",
    facts=(SourceFacts,),
    check=check,
    conditions=(),
)
