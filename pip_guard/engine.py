"""Ask the rules of a stage, and settle what their findings mean."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from datetime import date

from pip_guard.facts import Facts
from pip_guard.policy import Policy
from pip_guard.policy_lines import lines_to_approve
from pip_guard.rule import AnyRule, Finding, Severity, Verdict, Violation

INTERNAL_ERROR = "internal-error"


def evaluate(facts: Iterable[Facts], policy: Policy, rules: Iterable[AnyRule], today: date) -> Verdict:
    """Ask every rule about every fact that it takes, and return all that they find.

    A rule that fails has not decided, so its failure is itself a finding that refuses.
    """
    found: list[Finding] = []
    excused: list[Finding] = []
    rules = tuple(rules)
    for fact in facts:
        for rule in rules:
            if type(fact) not in rule.facts:
                continue
            severity = policy.severity(rule.id, rule.severity)
            if severity is Severity.OFF:
                continue
            for finding in _ask(rule, severity, fact, policy):
                allowed = policy.allowance_for(finding.rule, finding.violation, today)
                (found if allowed is None else excused).append(finding)
    return Verdict(findings=tuple(found), excused=tuple(excused))


def _ask(rule: AnyRule, severity: Severity, facts: Facts, policy: Policy) -> list[Finding]:
    try:
        return [
            Finding(
                rule=rule.id,
                severity=Severity.WARNING if violation.severity is Severity.WARNING else severity,
                violation=violation,
                remedy=_remedy(violation, rule, policy),
            )
            for violation in rule.check(facts, policy)
        ]
    except Exception as error:  # noqa: BLE001 -- whatever a rule raises must refuse, and say where
        return [failure(f"The rule {rule.id}", error)]


def _remedy(violation: Violation, rule: AnyRule, policy: Policy) -> str:
    remedy = violation.remedy or rule.remediation
    if violation.place is None:
        return remedy
    lines = lines_to_approve(violation.place, policy)
    return remedy if lines is None else f"{remedy}\n{lines}"


def failure(what: str, error: BaseException) -> Finding:
    """Return the finding for something that failed, and so could not decide."""
    trace = "".join(traceback.format_exception(error, limit=-3)).rstrip()
    return Finding(
        rule=INTERNAL_ERROR,
        severity=Severity.ERROR,
        violation=Violation(message=f"{what} failed, so nothing was decided:\n{trace}"),
        remedy="This is a defect of pip-guard. Please report it with the lines above.",
    )
