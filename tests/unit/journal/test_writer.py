"""Test what one command leaves in the journal."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pip_guard.engine.summary import CommandSummary
from pip_guard.facts.command import JournalFacts
from pip_guard.journal import writer
from pip_guard.journal.files import _locked
from pip_guard.journal.record import mark
from pip_guard.journal.writer import CommandJournal, journal_path, open_journal
from pip_guard.policy.model import Journal, Policy
from tests.unit.journal.factories import HERE, NOW


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "journal.jsonl"


def make_journal(path: Path, **settings: Any) -> CommandJournal:
    return CommandJournal(Policy(journal=Journal(path=str(path), **settings)), HERE, now=lambda: NOW)


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="ascii").splitlines()]


def test_command_is_recorded_before_and_after(path: Path) -> None:
    journal = make_journal(path)
    assert journal.begin(CommandSummary(command="install")) is None
    assert journal.end(CommandSummary(command="install"), 1) is None
    begin, end = records(path)
    assert (begin["event"], begin["verdict"], begin["exit_code"]) == ("begin", "begun", None)
    assert (end["event"], end["verdict"], end["exit_code"]) == ("end", "failed", 1)
    assert begin["id"] == end["id"]
    assert begin["policy"] == mark(Policy(journal=Journal(path=str(path)))).digest


def test_every_command_has_an_identity(path: Path) -> None:
    for _ in range(2):
        make_journal(path).end(CommandSummary(), 0)
    one, two = records(path)
    assert one["id"] != two["id"]


def test_error_is_recorded(path: Path) -> None:
    assert make_journal(path).fail("It is so.", 43) is None
    (record,) = records(path)
    assert (record["verdict"], record["error"], record["exit_code"]) == ("error", "It is so.", 43)


@pytest.mark.parametrize(
    ("method", "before_change"), [pytest.param("begin", True, id="begin"), pytest.param("end", False, id="end")]
)
def test_what_keeps_it_from_being_written_is_told(path: Path, method: str, before_change: bool) -> None:
    path.mkdir(parents=True)
    journal = make_journal(path)
    facts = journal.begin(CommandSummary()) if method == "begin" else journal.end(CommandSummary(), 0)
    problem = "cannot be written (Is a directory)"
    assert facts == JournalFacts(path=str(path), problem=problem, before_change=before_change)


def test_lock_that_is_held_costs_a_command_two_seconds_in_all(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]

    def sleep(seconds: float) -> None:
        clock[0] += seconds

    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    monkeypatch.setattr("time.sleep", sleep)
    journal = make_journal(path)
    path.parent.mkdir()
    with _locked(f"{path}.lock", 0):
        facts = [journal.begin(CommandSummary()), journal.end(CommandSummary(), 0)]
    problem = "is locked by another process"
    assert facts == [JournalFacts(path=str(path), problem=problem, before_change=each) for each in (True, False)]
    assert clock[0] == pytest.approx(2.0, abs=0.01)


def test_size_of_the_file_is_what_the_policy_says(path: Path) -> None:
    for _ in range(3):
        make_journal(path, max_size=1).end(CommandSummary(), 0)
    assert Path(f"{path}.2").exists()


def test_system_log_is_told_of_the_end(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Mapping[str, object]] = []
    monkeypatch.setattr("pip_guard.journal.syslog_sink.send", sent.append)
    journal = make_journal(path, syslog=True)
    journal.begin(CommandSummary())
    journal.end(CommandSummary(), 0)
    assert sent == records(path)[1:]


def test_system_may_have_no_log(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pip_guard.journal.syslog_sink", None)
    journal = make_journal(path, syslog=True)
    assert journal.begin(CommandSummary()) is None
    problem = "was written, but there is no syslog on this machine to copy it to"
    assert journal.end(CommandSummary(), 0) == JournalFacts(path=str(path), problem=problem, before_change=False)
    assert len(records(path)) == 2


def test_file_is_where_the_policy_says(path: Path) -> None:
    assert journal_path(Journal(path=str(path))) == str(path)


def test_file_is_among_the_logs_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    if sys.platform == "linux":
        assert journal_path(Journal()) == str(tmp_path / "pip-guard" / "log" / "journal.jsonl")
    assert journal_path(Journal()).endswith("journal.jsonl")


def test_there_is_a_journal_unless_the_policy_wants_none(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "read_process_info", lambda arguments: HERE if arguments == ["x"] else None)
    assert open_journal(Policy(journal=Journal(enabled=False)), ["x"]) is None
    journal = open_journal(Policy(journal=Journal(path=str(path))), ["x"])
    assert journal is not None
    journal.end(CommandSummary(), 0)
    assert records(path)[0]["argv"] == ["install", "demo"]
