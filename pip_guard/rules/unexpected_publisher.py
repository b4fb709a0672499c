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
from pip_guard.policy.model import Policy


def check(facts: PublisherFacts, policy: Policy) -> Iterator[Violation]:
    """Find files without the publisher that the policy names, and files of which nobody could say who published them."""
    expected = policy.publishers.pins(facts.project)
    if not expected:
        return
    wanted = " and ".join(dict.fromkeys(expected))
    others = [found for found in facts.publishers if not all(_fits(found, pattern) for pattern in expected)]
    if facts.problem is not None:
        yield Violation(
            message=f"It is not known who published {facts.filename}: {facts.problem}."
            f" The policy takes {facts.project} from {wanted} alone.",
            origin=facts.origin,
            project=facts.project,
            version=facts.version,
            hashes=facts.hashes,
            remedy='Try again later. With unavailable = "warning" in [publishers], this is a warning.',
            severity=policy.publishers.unavailable,
        )
    elif others:
        yield Violation(
            message=f"pip would take {facts.filename}, which {' and '.join(others)} published."
            f" The policy takes {facts.project} from {wanted} alone.",
            origin=facts.origin,
            project=facts.project,
            version=facts.version,
            hashes=facts.hashes,
            remedy=(
                f"Ask for a release of {wanted}. If the project itself says that it has moved, pin it anew in the policy:",
                PolicyLines(f'[publishers]\n"{facts.project}" = "{others[0]}"'),
            ),
        )
    elif not facts.publishers:
        yield Violation(
            message=f"pip would take {facts.filename}, which has no provenance (PEP 740)."
            f" The policy takes {facts.project} from {wanted} alone.",
            origin=facts.origin,
            project=facts.project,
            version=facts.version,
            hashes=facts.hashes,
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
    summary="a file that another publisher than that of the policy has published, or none",
    severity=Severity.ERROR,
    remediation="Ask for a release of the publisher that the policy names.",
    since="0.2.0",
    facts=(PublisherFacts,),
    check=check,
)
