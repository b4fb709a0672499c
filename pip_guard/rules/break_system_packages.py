"""Refuse to override the EXTERNALLY-MANAGED marker of the operating system's interpreter (PEP 668).

The marker says that the system's package manager owns this interpreter. Overriding it can break tools that the machine itself
needs, and an override in a variable or a configuration file applies to every later command.
"""

from __future__ import annotations

from collections.abc import Iterator

from pip_guard.engine.rule import Rule
from pip_guard.facts.command import CommandFacts
from pip_guard.facts.violation import Severity, Violation
from pip_guard.policy.model import Policy


def check(facts: CommandFacts, policy: Policy) -> Iterator[Violation]:
    """Find an override that takes effect: outside a virtual environment, on a marked interpreter."""
    if facts.break_system_packages is None or facts.in_virtual_environment or not facts.externally_managed:
        return
    yield Violation(
        message="pip would change an interpreter that the operating system manages.",
        origin=facts.break_system_packages,
    )


RULE = Rule(
    id="break-system-packages",
    summary="the EXTERNALLY-MANAGED marker (PEP 668) overridden, wherever that is set",
    severity=Severity.ERROR,
    remediation="Remove the setting, and use a virtual environment: python3 -m venv .venv && . .venv/bin/activate",
    since="0.1.0",
    facts=(CommandFacts,),
    check=check,
    conditions=(),
)
