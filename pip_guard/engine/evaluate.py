"""Run the rules on facts, and apply the policy to what they find."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator
from datetime import date

from pip_guard.engine.rule import AnyRule, Finding, Verdict
from pip_guard.errors import ExitCode
from pip_guard.facts.origin import Facts
from pip_guard.facts.violation import Severity, Violation
from pip_guard.frozen import replace
from pip_guard.policy.exceptions import PolicyException
from pip_guard.policy.model import Policy
from pip_guard.policy.suggestions import gather_approvals, render_remedy

INTERNAL_ERROR = "internal-error"
UNSUPPORTED_PIP = "unsupported-pip"
# The verdict on most facts.
NO_FINDINGS = Verdict()


class RuleIndex:
    """The rules of a command, by the facts that they take."""

    def __init__(self, rules: Iterable[AnyRule]) -> None:
        self._taking: dict[type, list[AnyRule]] = {}
        for rule in rules:
            for kind in rule.facts:
                self._taking.setdefault(kind, []).append(rule)

    def taking(self, fact: Facts) -> Iterable[AnyRule]:
        """Return the rules that take a fact, in their order."""
        return self._taking.get(type(fact), ())


def evaluate(facts: Iterable[Facts], policy: Policy, rules: RuleIndex | Iterable[AnyRule], today: date) -> Verdict:
    """Run every rule on every fact that it takes, and return all findings.

    A rule that fails has not decided, so its failure is itself a finding that refuses.
    """
    found: list[Finding] = []
    excused: list[Finding] = []
    book = rules if isinstance(rules, RuleIndex) else RuleIndex(rules)
    used: list[PolicyException] = []
    for fact in facts:
        for rule in book.taking(fact):
            severity = policy.severity(rule.id, rule.severity)
            if severity is Severity.OFF:
                continue
            for finding in _ask(rule, severity, fact, policy):
                allowed = policy.exception_for(finding.rule, finding.violation, today)
                if allowed is None:
                    found.append(_apply_policy(finding, policy, today))
                    continue
                excused.append(finding)
                used.append(allowed)
                if allowed.expires is not None and allowed.expires_soon(today):
                    found.append(_notice(finding, allowed, (allowed.expires - today).days))
    if not found and not excused:
        return NO_FINDINGS
    verdict = Verdict(findings=tuple(_with_gathered_approvals(found, policy)), excused=tuple(excused), used=tuple(used))
    return replace(verdict, advice=policy.advisory_message) if verdict.refused or verdict.would_refuse else verdict


def _ask(rule: AnyRule, severity: Severity, facts: Facts, policy: Policy) -> list[Finding]:
    try:
        return [
            Finding(
                rule=rule.id,
                severity=Severity.WARNING if violation.severity is Severity.WARNING else severity,
                violation=violation,
                remedy=render_remedy(violation.remedy or rule.remediation, rule.id, policy),
            )
            for violation in rule.check(facts, policy)
        ]
    except Exception as error:  # noqa: BLE001 -- any error of a rule must refuse, and say where
        return [failure(f"The rule {rule.id}", error)]


def _with_gathered_approvals(found: list[Finding], policy: Policy) -> Iterator[Finding]:
    remedies = [finding.violation.remedy or "" for finding in found]
    for finding, before, after in zip(found, remedies, gather_approvals(remedies, policy), strict=True):
        yield finding if after is before else replace(finding, remedy=render_remedy(after, finding.rule, policy))


def _apply_policy(finding: Finding, policy: Policy, today: date) -> Finding:
    """Add notes on exceptions that would match but do not apply, and turn an error into a warning if the policy only observes."""
    notes = []
    if expired := policy.expired_for(finding.rule, finding.violation, today):
        notes.append(f"{_describe(expired)} expired on {expired.expires}.")
    if ineffective := policy.ineffective_for(finding.rule, finding.violation, today):
        notes.append(f"{_describe(ineffective)} has no effect: the administrator's policy locks this rule.")
    if notes:
        finding = replace(finding, notes=tuple(notes))
    # NOTE: a rule that failed has decided nothing, so there is nothing to observe.
    if finding.severity is Severity.ERROR and finding.rule != INTERNAL_ERROR and policy.only_observes(finding.rule):
        return replace(finding, severity=Severity.WARNING, would_refuse=True)
    return finding


def _notice(finding: Finding, exception: PolicyException, days: int) -> Finding:
    """Warn that an exception expires soon."""
    left = "today is its last day" if days == 0 else f"{days} day{'' if days == 1 else 's'} left"
    return Finding(
        rule=finding.rule,
        severity=Severity.WARNING,
        violation=Violation(
            message=f"{_describe(exception)} ends on {exception.expires}: {left}.",
            project=exception.project,
            version=finding.violation.version,
        ),
        remedy="If it is still needed, give it a later date. Otherwise, remove it.",
    )


def _describe(exception: PolicyException) -> str:
    where = f" in {exception.source}" if exception.source else ""
    return f'The exception "{exception.title}" ({exception.reason}){where}'


def failure(what: str, error: BaseException) -> Finding:
    """Return the finding for something that failed, and so could not decide."""
    if isinstance(error, MemoryError):
        message = f"{what} ran out of memory, so nothing was decided."
        remedy = "Give the command more memory: ulimit -v, or the limit of the container, says how much it may have."
    else:
        trace = "".join(traceback.format_exception(error, limit=-3)).rstrip()
        message = f"{what} failed, so nothing was decided:\n{trace}"
        remedy = "This is a defect of pip-guard. Please report it with the lines above."
    return Finding(rule=INTERNAL_ERROR, severity=Severity.ERROR, violation=Violation(message=message), remedy=remedy)


def exit_code(verdict: Verdict) -> ExitCode | None:
    """Return the exit code of a refusal, or None if nothing is refused."""
    rules = {finding.rule for finding in verdict.findings if finding.severity is Severity.ERROR}
    if INTERNAL_ERROR in rules:
        return ExitCode.INTERNAL
    if UNSUPPORTED_PIP in rules:
        return ExitCode.UNSUPPORTED_PIP
    return ExitCode.REFUSED if rules else None
