"""Refuse to run a pip that cannot be guarded, or that has known vulnerabilities.

pip-guard hooks a few methods of pip that have been stable for years. If one is missing, a check would be skipped silently, so
nothing runs at all.
"""

from __future__ import annotations

from collections.abc import Iterator

from pip_guard.engine.rule import Rule
from pip_guard.facts.start import StartFacts
from pip_guard.facts.violation import Severity, Violation
from pip_guard.policy.model import Policy


def check(facts: StartFacts, policy: Policy) -> Iterator[Violation]:
    """Find a pip that is too old, or that lacks a method that the checks hook."""
    if facts.oldest_pip:
        yield Violation(
            message=f"pip {facts.pip_version} is older than {facts.oldest_pip}, the oldest pip with no known vulnerability."
        )
    if facts.unknown_command is not None:
        yield Violation(
            message=f"pip {facts.pip_version} has a command {facts.unknown_command} that pip-guard does not know."
        )
    if facts.missing_hooks:
        yield Violation(
            message=f"pip {facts.pip_version} lacks methods that pip-guard hooks: {', '.join(facts.missing_hooks)}."
        )


RULE = Rule(
    id="unsupported-pip",
    summary="a pip that cannot be guarded, or that has known vulnerabilities",
    severity=Severity.ERROR,
    remediation=(
        'Update both with plain pip: python -m pip install --upgrade --only-binary :all: "pip>=26.2" pip-guard-shim'
    ),
    since="0.1.0",
    facts=(StartFacts,),
    check=check,
    conditions=(),
)
