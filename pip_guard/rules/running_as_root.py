"""Refuse to fetch, build or change anything as root.

Build code runs as root immediately, and installed code runs as root whenever root uses that Python, so one mistake can take over
the whole machine. An ordinary user with a virtual environment needs no such rights.
"""

from __future__ import annotations

from collections.abc import Iterator

from pip_guard.engine.rule import Rule
from pip_guard.facts.command import CommandFacts
from pip_guard.facts.violation import Severity, Violation
from pip_guard.policy.model import Policy


def check(facts: CommandFacts, policy: Policy) -> Iterator[Violation]:
    """Find a command that runs with the rights of root, or of an elevated Windows session."""
    if facts.runs_as_root:
        yield Violation(message=f"pip {facts.command} would run as root, and with it whatever it installs.")


RULE = Rule(
    id="running-as-root",
    summary="a command that fetches, builds or changes an environment, run as root",
    severity=Severity.ERROR,
    remediation=(
        "Run the command as an ordinary user, in a virtual environment of that user: python3 -m venv .venv\n"
        'For an image without another user, allow it in the policy:\n[rules]\nrunning-as-root = "off"'
    ),
    since="0.1.0",
    facts=(CommandFacts,),
    check=check,
    conditions=(),
)
