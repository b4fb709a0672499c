"""Write the records of the running command."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from pip_guard.engine.summary import CommandSummary
from pip_guard.environment.clock import local_now
from pip_guard.facts.command import JournalFacts
from pip_guard.journal.files import NO_SYSLOG, PATIENCE, UnwritableError, append
from pip_guard.journal.process import ProcessInfo, read_process_info
from pip_guard.journal.record import Event, Outcome, build_record, mark, outcome_of, render
from pip_guard.policy.model import Journal, Policy

FILE_NAME = "journal.jsonl"


def journal_path(settings: Journal) -> str:
    """Return the path of the journal."""
    if settings.path is not None:
        return settings.path
    from pip_guard.environment.folders import log_folder

    return os.path.join(log_folder(), FILE_NAME)


def open_journal(policy: Policy, arguments: Sequence[str]) -> CommandJournal | None:
    """Return the journal of one command, or None if the policy disables it."""
    return CommandJournal(policy, read_process_info(arguments)) if policy.journal.enabled else None


class CommandJournal:
    """The journal of one command."""

    def __init__(
        self,
        policy: Policy,
        process_info: ProcessInfo,
        *,
        now: Callable[[], datetime] = local_now,
    ) -> None:
        self._settings = policy.journal
        self._path = journal_path(policy.journal)
        self._policy = mark(policy)
        self._process_info = process_info
        self._now = now
        self._identity = os.urandom(8).hex()
        # Seconds; a lock that is held costs a command no more than that in all.
        self._patience = PATIENCE
        self._send = _find_system_log() if policy.journal.syslog else None

    def begin(self, summary: CommandSummary) -> JournalFacts | None:
        """Record that the command is about to change something; return why that failed, if it did."""
        return self._write(summary, Event.BEGIN, Outcome.BEGUN)

    def end(self, summary: CommandSummary, exit_code: int) -> JournalFacts | None:
        """Record how the command ended; return why that failed, if it did."""
        return self._write(summary, Event.END, outcome_of(summary, exit_code), exit_code=exit_code)

    def fail(self, error: str, exit_code: int) -> JournalFacts | None:
        """Record an error before any decision; return why that failed, if it did."""
        return self._write(CommandSummary(), Event.END, Outcome.ERROR, exit_code=exit_code, error=error)

    def _write(
        self,
        summary: CommandSummary,
        event: Event,
        outcome: Outcome,
        *,
        exit_code: int | None = None,
        error: str | None = None,
    ) -> JournalFacts | None:
        line = render(
            build_record(
                summary,
                event=event,
                outcome=outcome,
                identity=self._identity,
                now=self._now(),
                process_info=self._process_info,
                policy=self._policy,
                exit_code=exit_code,
                error=error,
            )
        )
        started = time.monotonic()
        try:
            append(self._path, line, max_size=self._settings.max_size, patience=self._patience)
            if self._send is not None and event is Event.END:
                self._send(json.loads(line))
        except UnwritableError as problem:
            return JournalFacts(path=self._path, problem=str(problem), before_change=event is Event.BEGIN)
        finally:
            self._patience = max(0.0, self._patience - (time.monotonic() - started))
        return None


def _find_system_log() -> Callable[[Mapping[str, object]], None]:
    # NOTE: imported when the journal is opened, because pip refuses imports later on.
    try:
        from pip_guard.journal.syslog_sink import send
    except ImportError:
        return _no_system_log
    return send


def _no_system_log(record: Mapping[str, object]) -> None:
    raise UnwritableError(NO_SYSLOG)
