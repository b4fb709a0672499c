"""Define what a rule is, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pip_guard.facts import Origin
from pip_guard.frozen import frozen

if TYPE_CHECKING:
    from pip_guard.policy import Policy

FactsT = TypeVar("FactsT")


class Severity(Enum):
    """Say what a finding does: refuse, say so and go on, or nothing."""

    ERROR = "error"
    WARNING = "warning"
    OFF = "off"


@frozen
class Violation:
    """What a rule saw, in the present tense; the engine adds which rule it was and how severe.

    `project`, `version` and `hashes` (``algorithm:hexdigest``) are what an exception of the policy can name.
    `remedy` replaces the rule's own remediation where the facts allow a more exact one, and a `severity` of WARNING makes this
    violation no more than a warning.
    """

    message: str
    origin: Origin | None = None
    project: str | None = None
    version: str | None = None
    hashes: frozenset[str] = frozenset()
    remedy: str | None = None
    severity: Severity | None = None


@frozen
class Rule(Generic[FactsT]):
    """One thing that is bad, the facts in which it shows, and the check for it."""

    id: str
    summary: str
    severity: Severity
    remediation: str
    since: str
    facts: tuple[type, ...]
    check: Callable[[FactsT, Policy], Iterable[Violation]]


# NOTE: a rule takes the facts of its own stages; what the registry holds is the union over all of them.
AnyRule = Rule[Any]


@frozen
class Finding:
    """A violation with its rule and severity, as reports and exit codes use it."""

    rule: str
    severity: Severity
    violation: Violation
    remedy: str


@frozen
class Verdict:
    """All findings of one stage; those that an exception of the policy excuses stand apart."""

    findings: tuple[Finding, ...] = ()
    excused: tuple[Finding, ...] = ()

    @property
    def refused(self) -> bool:
        """Tell whether any finding refuses the command."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)
