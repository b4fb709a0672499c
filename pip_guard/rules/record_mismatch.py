"""Refuse a wheel that is not what it says it is.

RECORD lists every file of a wheel with its hash. pip does not compare them. A file that differs was changed after the wheel was
made, or is meant for one reader of the archive and not for another: that is how a file gets past those who look at it first.
"""

from __future__ import annotations

from collections.abc import Iterator

from pip_guard.facts import WheelFacts
from pip_guard.policy import Policy
from pip_guard.rule import Rule, Severity, Violation

# How many defects are named before the rest is counted.
NAMED_DEFECTS = 5


def check(facts: WheelFacts, policy: Policy) -> Iterator[Violation]:
    """Find a wheel that contradicts its RECORD, its name or itself."""
    if not facts.defects:
        return
    named = "; ".join(facts.defects[:NAMED_DEFECTS])
    more = len(facts.defects) - NAMED_DEFECTS
    yield Violation(
        message=f"{facts.filename} contradicts itself: {named}{f'; and {more} more' if more > 0 else ''}.",
        origin=facts.origin,
        project=facts.project,
        version=facts.version,
        hashes=frozenset({f"sha256:{facts.sha256}"}),
    )


RULE = Rule(
    id="record-mismatch",
    summary="a wheel that is not what its RECORD and its file name say, or that not every installer would unpack alike",
    severity=Severity.ERROR,
    remediation="Do not install this file. Take another release, and tell the project and the index about this one.",
    since="0.1.0",
    facts=(WheelFacts,),
    check=check,
)
