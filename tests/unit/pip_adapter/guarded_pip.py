"""Run guarded commands of pip in this process, and see what the session is told."""

from __future__ import annotations

import copy
import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pytest
from pip._internal.commands import commands_dict

from pip_guard.engine.session import GuardSession
from pip_guard.environment import audit_hook
from pip_guard.environment import exit as exit_
from pip_guard.environment.audit_hook import ProcessPolicy
from pip_guard.facts.command import CommandOptions, JournalFacts
from pip_guard.facts.origin import Facts, Origin, OriginKind, Setting
from pip_guard.facts.violation import Severity, Violation
from pip_guard.frozen import replace
from pip_guard.pip_adapter import entry, session
from pip_guard.pip_adapter.commands import factory
from pip_guard.pip_adapter.hooks import COMPILE_HOOKS, HOOKS, missing_hooks
from pip_guard.pip_adapter.options.values import AUTHORITY_VARIABLES
from pip_guard.policy.model import Network, Policy
from tests.unit.engine.factories import RecordedJournal, RecordedReport
from tests.unit.factories import make_rule

FactsT = TypeVar("FactsT")

# The one rule of the session.
RULE = "told"
# Nobody is asked about what a test is not about.
QUIET = dict.fromkeys(
    ("known-malicious", "known-vulnerability", "yanked-release", "new-project", "lost-provenance"), Severity.OFF
)
# What resolves everything and installs nothing; the index follows.
TRY = ("install", "--dry-run", "--no-cache-dir", "--index-url")


class MayConnect(Protocol):
    """What the audit hook asks before a connection is opened."""

    def __call__(self, host: str, port: int | None) -> None: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditHook:
    """What the audit hook was given; it is not put in place, because nothing could remove it."""

    permits: ProcessPolicy
    may_connect: MayConnect
    refuse: Callable[[str], BaseException | None]


class GuardedPip:
    """Run one command of pip, guarded, with a real session whose only rule keeps all facts, and refuses those of `refused`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.policy = Policy(severities=QUIET, network=Network(ahead=False))
        self.refused: tuple[type, ...] = ()
        self.told: list[Facts] = []
        self.options: list[CommandOptions] = []
        self.report = RecordedReport()
        self.journal = RecordedJournal()
        self.audit_hooks: list[AuditHook] = []
        self.state: Any = None
        monkeypatch.setattr(session, "_running", session._Running())
        for name, info in commands_dict.items():
            monkeypatch.setitem(entry.replaced_commands, name, info)
        monkeypatch.setattr(audit_hook, "install", self._install_audit_hook)
        session.set_session(self._make_session)
        monkeypatch.setattr(exit_, "set_loaded_aside", lambda: None)
        for hook in (*HOOKS, *(hook for hook in COMPILE_HOOKS if not missing_hooks([hook]))):
            # what is wrapped is as it was when the test has ended
            owner, attribute = hook.find()
            monkeypatch.setattr(owner, attribute, getattr(owner, attribute))

    def command(self, name: str) -> Any:
        """Make a command, as pip does."""
        made = factory.make_command(name, "")
        # NOTE: options that collect values add them to a default that all parsers of the process share.
        made.parser.defaults = copy.deepcopy(made.parser.defaults)
        return made

    def run(self, name: str, *arguments: str | Path) -> int:
        """Run a command as the program does, and return its exit code."""
        command = self.command(name)
        with _pips_logging():
            try:
                code: object = command.main([str(argument) for argument in arguments])
            except SystemExit as end:
                code = end.code
        session.end_command(code)
        # of a command that is refused early, or runs as pip's own, it is that of the command before
        self.state = getattr(command, "state", self.state)
        return code if isinstance(code, int) else 1

    def facts(self, kind: type[FactsT]) -> list[FactsT]:
        """Return what the session was told of one kind."""
        return [facts for facts in self.told if isinstance(facts, kind)]

    @property
    def enforced(self) -> tuple[str, ...]:
        """The options that were set for the command."""
        ((_, enforced),) = self.report.ends
        return enforced

    def _make_session(self) -> GuardSession:
        told = make_rule(id=RULE, facts=tuple({*Facts.__subclasses__()} - {JournalFacts}), check=self._check)
        return GuardSession(
            # a rule about the journal is none about pip
            rules=(told, make_rule(id="unwritten", facts=(JournalFacts,), check=self._check)),
            load_policy=lambda: self.policy,
            describe=self._describe,
            report=self.report,
            open_journal=lambda policy: self.journal,
        )

    def _check(self, facts: Facts, policy: Policy) -> list[Violation]:
        self.told.append(facts)
        return [Violation(message="It is so.")] if isinstance(facts, self.refused) else []

    def _describe(self, options: CommandOptions, policy: Policy) -> tuple[Facts, ...]:
        self.options.append(replace(options, bundles=()))
        return ()

    def _install_audit_hook(
        self, permits: ProcessPolicy, *, may_connect: MayConnect, refuse: Callable[[str], BaseException | None]
    ) -> None:
        self.audit_hooks.append(AuditHook(permits=permits, may_connect=may_connect, refuse=refuse))


def by_option(option: str, value: str) -> Setting:
    """Describe a value that the command line sets."""
    return Setting(
        value=value, origin=Origin(kind=OriginKind.COMMAND_LINE, text=f"{option} {value} on the command line")
    )


@contextmanager
def _pips_logging() -> Iterator[None]:
    """Let pip log as it likes, and then log as before."""
    root, vendored = logging.getLogger(), logging.getLogger("pip._vendor")
    handlers, levels = root.handlers[:], (root.level, vendored.level)
    try:
        yield
    finally:
        root.handlers[:] = handlers
        for logger, level in zip((root, vendored), levels, strict=True):
            logger.setLevel(level)


def without_settings(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Work in a folder where nothing of the machine, nor of the user, is seen."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    monkeypatch.setenv("NETRC", str(folder / "netrc"))
    for name in (*AUTHORITY_VARIABLES, *(name for name in os.environ if name.lower().endswith("_proxy"))):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "argv", ["pip"])
