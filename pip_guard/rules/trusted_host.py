"""Refuse to disable TLS verification for a host.

Without verification, anybody between pip and the host can impersonate it. To reach a host with a private certificate, configure
its certificate authority instead.
"""

from __future__ import annotations

from collections.abc import Iterator

from pip_guard.engine.rule import Rule
from pip_guard.facts.requirements import SourceFacts
from pip_guard.facts.violation import Severity, Violation
from pip_guard.policy.model import Policy


def check(facts: SourceFacts, policy: Policy) -> Iterator[Violation]:
    """Find hosts whose certificate pip would not verify."""
    for host in facts.trusted_hosts:
        yield Violation(
            message=f"pip would not verify the certificate of {host.value}.",
            origin=host.origin,
        )


RULE = Rule(
    id="trusted-host",
    summary="the verification of certificates switched off for a host",
    severity=Severity.ERROR,
    remediation="Remove the setting. For a private certificate authority, name its certificate: --cert FILE.",
    since="0.1.0",
    facts=(SourceFacts,),
    check=check,
    conditions=(),
)
