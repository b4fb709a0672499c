"""Define what the journal records of one command: what it has done so far, and what the rules found."""

from __future__ import annotations

from pip_guard.engine.rule import Finding
from pip_guard.facts.resolution import ChosenFile
from pip_guard.frozen import frozen
from pip_guard.policy.exceptions import PolicyException


@frozen
class ExcusedFinding:
    """A finding, and the exception of the policy that excuses it."""

    finding: Finding
    exception: PolicyException


@frozen
class CommandSummary:
    """What one command has done up to now.

    `command` is None until pip has read it, and `destination` is the folder that the command writes into, if it writes.
    `would_refuse` says that the command would have been refused if the policy did not only observe.
    """

    command: str | None = None
    destination: str | None = None
    refused: bool = False
    would_refuse: bool = False
    findings: tuple[Finding, ...] = ()
    excused: tuple[ExcusedFinding, ...] = ()
    enforced: tuple[str, ...] = ()
    files: tuple[ChosenFile, ...] = ()
