"""Refuse a file that somebody else has published than whom the policy names.

The provenance of a file (PEP 740) says which repository it was published from, by a trusted publisher. The index verified that when
the file was uploaded; here, the index is believed, as it is about hashes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pip_guard.engine.rule import Rule
from pip_guard.facts.resolution import PublisherFacts
from pip_guard.facts.violation import Allow, PolicyLines, Severity, Violation
from pip_guard.frozen import replace
from pip_guard.policy.model import Policy, Publishers


def check(facts: PublisherFacts, policy: Policy) -> Iterator[Violation]:
    """Find files without the publisher that the policy names, and files of which nobody could say who published them."""
    for violation in _violations(facts, policy.publishers):
        yield replace(violation, origin=facts.origin, project=facts.project, version=facts.version, hashes=facts.hashes)


def _violations(facts: PublisherFacts, publishers: Publishers) -> Iterator[Violation]:
    expected = publishers.pins(facts.project)
    if not expected:
        return
    wanted = " and ".join(dict.fromkeys(expected))
    others = [found for found in facts.publishers if not all(_fits(found, pattern) for pattern in expected)]
    if facts.problem is not None:
        yield Violation(
            message=f"It is not known who published {facts.filename}: {facts.problem}."
            f" The policy accepts {facts.project} only from {wanted}.",
            remedy='Try again later. To make this a warning, set unavailable = "warning" in [publishers] of the policy.',
            severity=publishers.unavailable,
        )
    elif others:
        yield Violation(
            message=f"pip would take {facts.filename}, which was published by {' and '.join(others)}."
            f" The policy accepts {facts.project} only from {wanted}.",
            remedy=(
                f"Ask for a release of {wanted}. If the project itself says that it has moved, pin it anew in the policy:",
                PolicyLines(f'[publishers]\n"{facts.project}" = "{others[0]}"'),
            ),
        )
    elif not facts.publishers:
        yield Violation(
            message=f"pip would take {facts.filename}, which has no provenance (PEP 740)."
            f" The policy accepts {facts.project} only from {wanted}.",
            remedy=(
                f"Ask for a release of {wanted}, or find out why this file has no provenance, and allow it:",
                Allow(facts.project, facts.version),
            ),
        )


def _fits(publisher: str, pattern: str) -> bool:
    """Tell whether a publisher is the one of a pin; an asterisk stands for anything but a slash."""
    return re.fullmatch(re.escape(pattern).replace(r"\*", "[^/]*"), publisher) is not None


RULE = Rule(
    id="unexpected-publisher",
    summary="a file of another publisher than the one that the policy names, or of none",
    severity=Severity.ERROR,
    remediation="Ask for a release of the publisher that the policy names.",
    since="0.2.0",
    facts=(PublisherFacts,),
    check=check,
)
