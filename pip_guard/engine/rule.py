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
    """One thing that is bad, the facts in which it shows, and the check for it.

    `names_project` is False where no violation names one, so that an exception for a project would excuse nothing.
    """

    id: str
    summary: str
    severity: Severity
    remediation: str
    since: str
    facts: tuple[type, ...]
    check: Callable[[FactsT, Policy], Iterable[Violation]]
    names_project: bool = True


# NOTE: a rule takes the facts of its own stages; what the registry holds is the union over all of them.
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
        """Return what all that programs read says of a finding, in the form that is published."""
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
    """All findings of one stage; those that an exception of the policy excuses stand apart.

    `used` are the exceptions that did, and `advice` is what the policy wants said under every refusal.
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
