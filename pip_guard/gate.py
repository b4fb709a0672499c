"""Judge what a running command reports, and remember what was refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import cached_property
from typing import Protocol

from pip_guard.engine import INTERNAL_ERROR, evaluate, failure
from pip_guard.exit_codes import ExitCode
from pip_guard.facts import CommandOptions, Facts
from pip_guard.policy import Policy
from pip_guard.rule import AnyRule, Finding, Severity, Verdict, Violation

UNSUPPORTED_PIP = "unsupported-pip"


class Report(Protocol):
    """Show findings to people or to programs."""

    def warn(self, verdict: Verdict) -> None:
        """Show findings that do not refuse."""

    def end(self, refusal: Verdict | None, enforced: Sequence[str]) -> None:
        """Show the refusal, if there was one, as the last thing that the command says."""


class Gate:
    """One command's way through the rules: every stage passes here, and the first refusal ends it."""

    def __init__(
        self,
        *,
        rules: tuple[AnyRule, ...],
        load_policy: Callable[[], Policy],
        describe: Callable[[CommandOptions], tuple[Facts, ...]],
        report: Report,
        today: Callable[[], date] = date.today,
    ) -> None:
        self._rules = rules
        self._load_policy = load_policy
        self._describe = describe
        self._report = report
        self._today = today
        self._refusal: Verdict | None = None
        self._enforced: list[str] = []
        self._shown: set[Finding] = set()

    @cached_property
    def policy(self) -> Policy:
        """The policy in force, read when it is first needed. Raises `PolicyError`."""
        return self._load_policy()

    @property
    def stands_open(self) -> bool:
        """Tell whether the policy switches every rule off, so that there is nothing to guard."""
        return all(self.policy.severity(rule.id, rule.severity) is Severity.OFF for rule in self._rules)

    @property
    def refused(self) -> bool:
        """Tell whether anything was refused so far."""
        return self._refusal is not None

    def judge(self, *facts: Facts) -> bool:
        """Judge facts of one stage together; return whether the command may go on."""
        verdict = evaluate(facts, self.policy, self._rules, self._today())
        if verdict.refused:
            self._refusal = self._refusal or verdict
            return False
        new = tuple(finding for finding in verdict.findings if finding not in self._shown)
        if new:
            self._shown.update(new)
            self._report.warn(Verdict(findings=new))
        return True

    def judge_command(self, options: CommandOptions, *facts: Facts) -> bool:
        """Judge the options of the command against the environment that it runs in, and other facts with them."""
        return self.judge(*self._describe(options), *facts)

    def may_build(self, rule: str, project: str) -> bool:
        """Tell whether the policy could let some version of a (normalised) project pass a rule about builds."""
        return self.policy.lets_pass(rule, project, self._today())

    def is_excused(self, rule: str, violation: Violation) -> bool:
        """Tell whether the policy excuses a violation that a rule would find."""
        return self.policy.allowance_for(rule, violation, self._today()) is not None

    def enforce(self, what: str) -> None:
        """Take note of an option that was set because the promise needs it."""
        self._enforced.append(what)

    def fail(self, error: BaseException) -> None:
        """Refuse because pip-guard itself failed, and so could not decide."""
        self._refusal = self._refusal or Verdict(findings=(failure("pip-guard", error),))

    def end(self) -> ExitCode | None:
        """Report what was found, and return the exit code of a refusal, or None if there was none."""
        self._report.end(self._refusal, self._enforced)
        if self._refusal is None:
            return None
        rules = {finding.rule for finding in self._refusal.findings}
        if INTERNAL_ERROR in rules:
            return ExitCode.INTERNAL
        if UNSUPPORTED_PIP in rules:
            return ExitCode.UNSUPPORTED_PIP
        return ExitCode.REFUSED
