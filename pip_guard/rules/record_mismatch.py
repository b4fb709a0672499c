"""Refuse a wheel that is not what it says it is.

RECORD lists every file of a wheel with its hash. pip does not compare them. A file that differs was changed after the wheel was
made, or is meant for one reader of the archive and not for another: that is how a file gets past those who look at it first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pip_guard.engine.messages import name_some
from pip_guard.engine.rule import Rule
from pip_guard.facts.installed import InstalledFacts, UnownedFacts
from pip_guard.facts.violation import Run, Severity, Violation
from pip_guard.facts.wheel import WheelFacts
from pip_guard.policy.model import Policy

# Defects to name before the rest is counted.
NAMED_DEFECTS = 5


def check(facts: WheelFacts | InstalledFacts | UnownedFacts, policy: Policy) -> Iterator[Violation]:
    """Find a wheel that contradicts its RECORD, its name or itself, and what is installed unlike its RECORD."""
    match facts:
        case WheelFacts():
            if facts.defects:
                yield Violation(
                    message=f"{facts.filename} contradicts itself: {_join(facts.defects)}.",
                    origin=facts.origin,
                    project=facts.project,
                    version=facts.version,
                    hashes=frozenset({f"sha256:{facts.sha256}"}),
                )
        case InstalledFacts():
            yield from _installed(facts)
        case _:
            if facts.names:
                yield Violation(
                    message=f"Importable files belong to no distribution: {_join(facts.names)}.",
                    origin=facts.origin,
                    severity=Severity.WARNING,
                    remedy="Find out where it comes from. Remove it if nobody knows.",
                )


def _installed(facts: InstalledFacts) -> Iterator[Violation]:
    again = Run(("install", "--force-reinstall", "--no-deps", f"{facts.project}=={facts.version}"))
    if facts.defects:
        yield Violation(
            message=f"{facts.project} {facts.version} has changed since it was installed: {_join(facts.defects)}.",
            origin=facts.origin,
            project=facts.project,
            version=facts.version,
            remedy=("Find out who changed it, and why. Then reinstall it:", again),
        )
    if facts.differences:
        yield Violation(
            message=f"{facts.project} {facts.version} differs from what was installed: {_join(facts.differences)}.",
            origin=facts.origin,
            project=facts.project,
            version=facts.version,
            severity=Severity.WARNING,
            remedy=("If you do not know why, reinstall it:", again),
        )


def _join(defects: Sequence[str]) -> str:
    return name_some(defects, NAMED_DEFECTS, separator="; ")


RULE = Rule(
    id="record-mismatch",
    summary="a wheel that is not what its RECORD and its file name say, or that not every installer would unpack alike",
    severity=Severity.ERROR,
    remediation="Do not install this file. Take another release, and tell the project and the index about this one.",
    since="0.1.0",
    facts=(WheelFacts, InstalledFacts, UnownedFacts),
    check=check,
)
