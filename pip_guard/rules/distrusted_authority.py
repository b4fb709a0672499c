"""Warn of certificate authorities that browsers have withdrawn.

Whoever holds the key of one authority that pip trusts can pass for any index. Mozilla withdraws an authority that cannot be relied on;
a bundle that is older than that goes on trusting it.
"""

from __future__ import annotations

from collections.abc import Iterator

from pip_guard.engine.rule import Rule
from pip_guard.facts.command import BundleFacts
from pip_guard.facts.violation import Severity, Violation
from pip_guard.policy.model import Policy


def check(facts: BundleFacts, policy: Policy) -> Iterator[Violation]:
    """Find withdrawn authorities in the bundles that pip will use."""
    for bundle in facts.bundles:
        listed = "\n".join(
            f"  {authority.name}, withdrawn on {authority.withdrawn} ({authority.source})"
            for authority in bundle.distrusted
        )
        yield Violation(message=f"pip would trust withdrawn certificate authorities in {bundle.path}:\n{listed}")


RULE = Rule(
    id="distrusted-authority",
    summary="a certificate authority that browsers have withdrawn, in the bundle that pip will use",
    severity=Severity.WARNING,
    remediation="If the file came with pip, update pip. Otherwise, name a newer bundle, or delete them from this one.",
    since="0.2.0",
    facts=(BundleFacts,),
    check=check,
    conditions=(),
)
