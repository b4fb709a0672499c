"""Refuse to install into, or uninstall from, an interpreter outside a virtual environment.

Everything that uses that interpreter sees what is installed there, including the operating system's own tools. One virtual
environment per project contains a mistake, and can be thrown away. Options that redirect an installation are judged by where
they write: you may name a plain folder on the command line, but a variable or a configuration file that moves an installation
out of the environment does so without anybody noticing.
"""

from __future__ import annotations

from collections.abc import Iterator

from pip_guard.engine.rule import Rule
from pip_guard.facts.command import CommandFacts, DestinationKind
from pip_guard.facts.origin import OriginKind
from pip_guard.facts.violation import Severity, Violation
from pip_guard.policy.model import Policy

_ACTIVE = "Remove the option or the setting: a virtual environment is active, and pip installs into it by default."


def check(facts: CommandFacts, policy: Policy) -> Iterator[Violation]:
    """Find a destination outside a virtual environment, and other files, that the user did not ask for."""
    for output in facts.outputs:
        yield Violation(
            message=f"pip would write to {output.value}, outside the environment that it runs in.",
            origin=output.origin,
            remedy="Name the file on the command line if you mean it, or remove the setting.",
        )
    destination = facts.destination
    if destination is None or destination.place is DestinationKind.THIS_ENVIRONMENT:
        return
    verb = "remove distributions from" if facts.command == "uninstall" else "install into"
    if destination.place in (DestinationKind.INTERPRETER, DestinationKind.USER_SITE):
        yield Violation(
            message=f"pip would {verb} {destination.path}, outside any virtual environment.",
            origin=destination.origin if destination.origin.kind is not OriginKind.DEFAULT else None,
            remedy=_ACTIVE if facts.in_virtual_environment else RULE.remediation,
        )
    elif destination.origin.kind is not OriginKind.COMMAND_LINE:
        yield Violation(
            message=f"pip would {verb} {destination.path}, outside the environment that it runs in.",
            origin=destination.origin,
            remedy="Name the folder on the command line if you mean it, or remove the setting.",
        )


RULE = Rule(
    id="outside-virtual-environment",
    summary="an installation into, or a removal from, an interpreter that is not in a virtual environment",
    severity=Severity.ERROR,
    remediation=(
        "Make a virtual environment and use it: python3 -m venv .venv && . .venv/bin/activate\n"
        "For a command-line tool of its own, use pipx."
    ),
    since="0.1.0",
    facts=(CommandFacts,),
    check=check,
    conditions=(),
)
