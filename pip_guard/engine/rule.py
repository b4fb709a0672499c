"""Define what a rule is, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pip_guard.facts.violation import Severity, Violation
from pip_guard.frozen import frozen

if TYPE_CHECKING:
    from pip_guard.policy.exceptions import PolicyException
    from pip_guard.policy.model import Policy

FactsT = TypeVar("FactsT")


@frozen
class Rule(Generic[FactsT]):
    """A kind of danger, the facts that show it, and the check for it.

    `conditions` are the keys of an exception that a violation of this rule can match; a rule that is not about projects has none.
    """

    id: str
    summary: str
    severity: Severity
    remediation: str
    since: str
    facts: tuple[type, ...]
    check: Callable[[FactsT, Policy], Iterable[Violation]]
    conditions: tuple[str, ...] = ("project", "version", "hash")


# NOTE: each rule takes some kinds of facts; the type of all rules has to name none of them.
AnyRule = Rule[Any]


@frozen
class Finding:
    """A violation with its rule and severity, as reports and exit codes use it.

    `would_refuse` marks an error that is only observed; `notes` say why no exception excuses it.
    """

    rule: str
    severity: Severity
    violation: Violation
    remedy: str
    would_refuse: bool = False
    notes: tuple[str, ...] = ()

    def describe(self) -> dict[str, object]:
        """Return a finding in the published form, which all machine-readable output shares."""
        violation = self.violation
        return {
            "rule": self.rule,
            "severity": self.severity.value,
            "would_refuse": self.would_refuse,
            "message": violation.message,
            "origin": None if violation.origin is None else str(violation.origin),
            "project": violation.project,
            "version": violation.version,
        }


@frozen
class Verdict:
    """All findings about some facts, and apart from them those that an exception of the policy excuses.

    `used` are these exceptions, and `advice` is the policy's message for every refusal.
    """

    findings: tuple[Finding, ...] = ()
    excused: tuple[Finding, ...] = ()
    used: tuple[PolicyException, ...] = ()
    advice: str | None = None

    @property
    def refused(self) -> bool:
        """Tell whether any finding refuses the command."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)

    @property
    def would_refuse(self) -> bool:
        """Tell whether any finding would refuse the command if it were not only observed."""
        return any(finding.would_refuse for finding in self.findings)
