"""Stand in for what a session reports to and writes to."""

from __future__ import annotations

from collections.abc import Sequence

from pip_guard.engine.rule import Verdict
from pip_guard.engine.session import GuardSession
from pip_guard.engine.summary import CommandSummary, HeldBackRelease
from pip_guard.facts.command import CommandOptions, JournalFacts
from pip_guard.facts.origin import Facts
from pip_guard.policy.model import Policy
from tests.unit.factories import make_command_facts


class RecordedReport:
    """A report that keeps what it is told."""

    def __init__(self) -> None:
        self.warnings: list[Verdict] = []
        self.held_back: list[tuple[HeldBackRelease, bool]] = []
        self.ends: list[tuple[Verdict | None, tuple[str, ...]]] = []

    def warn(self, verdict: Verdict) -> None:
        self.warnings.append(verdict)

    def hold_back(self, release: HeldBackRelease, *, quiet: bool) -> None:
        self.held_back.append((release, quiet))

    def end(self, refusal: Verdict | None, enforced: Sequence[str], command: str | None = None) -> None:
        self.ends.append((refusal, tuple(enforced)))


class RecordedJournal:
    """A journal that keeps what it is told, or cannot."""

    def __init__(self, problem: str | None = None) -> None:
        self.problem = problem
        self.begins: list[CommandSummary] = []
        self.ends: list[tuple[CommandSummary, int]] = []

    def begin(self, summary: CommandSummary) -> JournalFacts | None:
        self.begins.append(summary)
        return self._problem(before_change=True)

    def end(self, summary: CommandSummary, exit_code: int) -> JournalFacts | None:
        self.ends.append((summary, exit_code))
        return self._problem(before_change=False)

    def _problem(self, *, before_change: bool) -> JournalFacts | None:
        if self.problem is None:
            return None
        return JournalFacts(path="/j", problem=self.problem, before_change=before_change)


def describe(options: CommandOptions, policy: Policy) -> tuple[Facts, ...]:
    """Describe a command by two facts, the second of which shows that both are judged."""
    return (make_command_facts(command=options.command), make_command_facts(command=f"{options.command}-files"))


def make_session(policy: Policy | None = None) -> GuardSession:
    """Make a session without rules."""
    return GuardSession(rules=(), load_policy=lambda: policy or Policy(), describe=describe, report=RecordedReport())
