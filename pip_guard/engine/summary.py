"""Define what the journal keeps of one command: what it did so far, and what the rules made of it."""

from __future__ import annotations

from pip_guard.engine.rule import Finding
from pip_guard.facts.resolution import ChosenFile
from pip_guard.frozen import frozen
from pip_guard.policy.exceptions import PolicyException


@frozen
class ExcusedFinding:
    """A finding that does not count, and the entry of the policy that excuses it."""

    finding: Finding
    exception: PolicyException


@frozen
class CommandSummary:
    """The course of one command up to now.

    `command` is None if pip had not yet read it, and `destination` is the folder that the command writes into, if it does.
    It is `refused`, or `would_refuse` if the policy did not only observe.
    """

    command: str | None = None
    destination: str | None = None
    refused: bool = False
    would_refuse: bool = False
    findings: tuple[Finding, ...] = ()
    excused: tuple[ExcusedFinding, ...] = ()
    enforced: tuple[str, ...] = ()
    files: tuple[ChosenFile, ...] = ()
