"""Judge the facts of a running command, and remember what was refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cached_property
from typing import Protocol

from pip_guard.engine.evaluate import NO_FINDINGS, RuleIndex, evaluate, exit_code, failure
from pip_guard.engine.rule import AnyRule, Finding, Verdict
from pip_guard.engine.summary import CommandSummary, ExcusedFinding, HeldBackRelease
from pip_guard.errors import ExitCode
from pip_guard.facts.command import CommandFacts, CommandOptions, JournalFacts
from pip_guard.facts.origin import Facts
from pip_guard.facts.resolution import ChosenFile
from pip_guard.facts.violation import Severity, Violation
from pip_guard.policy.exceptions import PolicyException
from pip_guard.policy.model import Policy


class Report(Protocol):
    """Show findings to people or to programs."""

    def warn(self, verdict: Verdict) -> None:
        """Show findings that do not refuse."""

    def hold_back(self, release: HeldBackRelease, *, quiet: bool) -> None:
        """Say that a release is held back; people who want `quiet` are not told."""

    def end(self, refusal: Verdict | None, enforced: Sequence[str], command: str | None) -> None:
        """Show the refusal, if there was one, as the last output of the command."""


class Journal(Protocol):
    """Keep the record of one command."""

    def begin(self, summary: CommandSummary) -> JournalFacts | None:
        """Record that the command is about to change something; return what keeps that from being recorded."""

    def end(self, summary: CommandSummary, exit_code: int) -> JournalFacts | None:
        """Record how the command ended; return what keeps that from being recorded."""


class GuardSession:
    """The session of one command: all facts are judged here, and the first refusal ends the command."""

    def __init__(
        self,
        *,
        rules: tuple[AnyRule, ...],
        load_policy: Callable[[], Policy],
        describe: Callable[[CommandOptions, Policy], tuple[Facts, ...]],
        report: Report,
        open_journal: Callable[[Policy], Journal | None] = lambda policy: None,
        today: Callable[[], date] = date.today,
    ) -> None:
        self._rules = RuleIndex(rules)
        self._about_pip = [rule for rule in rules if JournalFacts not in rule.facts]
        self._load_policy = load_policy
        self._describe = describe
        self._report = report
        self._open_journal = open_journal
        self._today = today
        self._command: str | None = None
        self._destination: str | None = None
        self._refusal: Verdict | None = None
        self._enforced: list[str] = []
        self._held_back: list[HeldBackRelease] = []
        # in order, each once
        self._shown: dict[Finding, None] = {}
        self._excused: dict[Finding, PolicyException] = {}
        self._files: dict[tuple[str, str, bool], ChosenFile] = {}
        self._is_recorded = False
        self._has_ended = False
        self._is_tentative = False
        self._used: dict[str, PolicyException] = {}
        self._would_refuse = False

    @cached_property
    def policy(self) -> Policy:
        """The policy in force, read when it is first needed. Raises `PolicyError`."""
        return self._load_policy()

    @cached_property
    def _journal(self) -> Journal | None:
        return self._open_journal(self.policy)

    @property
    def all_rules_off(self) -> bool:
        """Tell whether the policy switches every rule off and requires no journal, so that there is nothing to guard."""
        return not self.policy.journal.required and all(
            self.policy.severity(rule.id, rule.severity) is Severity.OFF for rule in self._about_pip
        )

    @property
    def refused(self) -> bool:
        """Tell whether anything was refused so far."""
        return self._refusal is not None

    @property
    def would_refuse(self) -> bool:
        """Tell whether anything so far would have been refused if the policy did not only observe."""
        return self._would_refuse

    @property
    def used_exceptions(self) -> tuple[PolicyException, ...]:
        """The exceptions of the policy that excused something so far."""
        return tuple(self._used.values())

    def judge(self, *facts: Facts) -> bool:
        """Judge facts together; return whether the command may go on."""
        verdict = evaluate(facts, self.policy, self._rules, self._today())
        if verdict is NO_FINDINGS:
            return True
        if self._is_tentative:
            return not verdict.refused
        self._excused.update(zip(verdict.excused, verdict.used, strict=True))
        self._used.update((exception.title, exception) for exception in verdict.used)
        self._would_refuse = self._would_refuse or verdict.would_refuse
        if verdict.refused:
            self._refusal = self._refusal or verdict
            return False
        new = tuple(finding for finding in verdict.findings if finding not in self._shown)
        if new:
            self._shown.update(dict.fromkeys(new))
            self._report.warn(Verdict(findings=new, advice=verdict.advice))
        return True

    def would_pass(self, *facts: Facts) -> bool:
        """Tell whether facts would refuse nothing; nothing is shown or recorded. Any thread may ask."""
        return not evaluate(facts, self.policy, self._rules, self._today()).refused

    @contextmanager
    def tentatively(self) -> Iterator[None]:
        """Judge something optional: in this context, a refusal does not end the command, and nothing is shown or recorded."""
        self._is_tentative = True
        try:
            yield
        finally:
            self._is_tentative = False

    def judge_command(self, options: CommandOptions, *facts: Facts) -> bool:
        """Judge the options of the command against the environment that it runs in, and other facts with them."""
        described = self._describe(options, self.policy)
        for fact in described:
            if isinstance(fact, CommandFacts) and fact.destination is not None:
                self._destination = fact.destination.path
        if not options.reads_only:
            self.announce(options.command)
        self._command = options.command
        return self.judge(*described, *facts)

    def announce(self, command: str) -> None:
        """Note that the command fetches, builds or changes something, so that it is recorded."""
        self._command = command
        # NOTE: opened here, because pip forbids imports later.
        self._is_recorded = self._journal is not None

    def take(self, files: Iterable[ChosenFile]) -> None:
        """Remember files for the journal; a later description of the same file replaces an earlier one."""
        self._files.update({(file.url, file.filename, file.for_build): file for file in files})

    def begin(self) -> bool:
        """Record that the command is about to change something; return whether it may go on."""
        problem = None if self._journal is None else self._journal.begin(self._summarize())
        return problem is None or self.judge(problem)

    def may_pass(self, rule: str, project: str) -> bool:
        """Tell whether a rule could let some file of a (normalised) project pass: the policy might excuse it."""
        return self.policy.lets_pass(rule, project, self._today())

    def is_excused(self, rule: str, violation: Violation) -> bool:
        """Tell whether the policy excuses a violation that a rule would find."""
        exception = self.policy.exception_for(rule, violation, self._today())
        if exception is None:
            return False
        self._used[exception.title] = exception
        return True

    def enforce(self, what: str) -> None:
        """Remember an option that pip-guard has set."""
        self._enforced.append(what)

    def hold_back(self, release: HeldBackRelease, *, quiet: bool) -> None:
        """Remember and report, once, a release that is held back because of its age."""
        if release not in self._held_back:
            self._held_back.append(release)
            self._report.hold_back(release, quiet=quiet)

    def fail(self, error: BaseException) -> None:
        """Refuse because pip-guard itself failed, and so could not decide."""
        self._refusal = self._refusal or Verdict(findings=(failure("pip-guard", error),))

    def end(self, status: int = 0) -> ExitCode | None:
        """Record and report what was found, once, and return the exit code of a refusal, or None if there was none.

        `status` is the exit code if nothing was refused.
        """
        code = None if self._refusal is None else exit_code(self._refusal)
        if not self._has_ended:
            self._record_end(status if code is None else code)
            self._report.end(self._refusal, self._enforced, self._command)
            self._has_ended = True
        return code

    def _record_end(self, status: int) -> None:
        # Commands that only read are recorded only if they were refused.
        if (self._is_recorded or self.refused) and self._journal is not None:
            problem = self._journal.end(self._summarize(), status)
            if problem is not None:
                self.judge(problem)

    def _summarize(self) -> CommandSummary:
        """Sum up what happened so far."""
        return CommandSummary(
            command=self._command,
            destination=self._destination,
            refused=self.refused,
            would_refuse=self.would_refuse,
            findings=(*self._shown, *(() if self._refusal is None else self._refusal.findings)),
            excused=tuple(ExcusedFinding(finding=finding, exception=used) for finding, used in self._excused.items()),
            enforced=tuple(self._enforced),
            held_back=tuple(self._held_back),
            files=tuple(self._files.values()),
        )
