"""Define what the journal records of one command: what it has done so far, and what the rules found."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

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
class HeldBackRelease:
    """A release that pip would have chosen instead of `chosen`, but for the minimum age; it can be installed from `until` on.

    `fixes` are the known vulnerabilities of `chosen` that it does not have.
    """

    project: str
    version: str
    until: datetime
    minimum_age: timedelta
    chosen: str
    fixes: tuple[str, ...] = ()

    def describe(self) -> dict[str, object]:
        """Return the published form, which all machine-readable output shares."""
        until = self.until.astimezone(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")
        return {
            "project": self.project,
            "version": self.version,
            "until": until,
            "chosen": self.chosen,
            "fixes": list(self.fixes),
        }


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
    held_back: tuple[HeldBackRelease, ...] = ()
    files: tuple[ChosenFile, ...] = ()
