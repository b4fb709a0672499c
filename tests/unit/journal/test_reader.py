"""Test how the journal is read, whatever has happened to it."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pip_guard.engine.summary import CommandSummary
from pip_guard.journal.reader import (
    Reading,
    Record,
    RecordedFinding,
    Tail,
    older_files,
    read_journal,
    read_lines,
    used_exceptions,
)
from pip_guard.journal.record import Event, Outcome
from tests.unit.factories import make_violation, make_warning
from tests.unit.journal.factories import NOW, WHEEL, make_excuse, make_line, make_record, read

LATER = NOW + timedelta(minutes=1)
SUMMARY = CommandSummary(
    command="install",
    findings=(make_warning(violation=make_violation(project="other")),),
    excused=(make_excuse(project="demo", version="==1.0"),),
    files=(WHEEL,),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.jsonl"


def test_reads_what_was_written() -> None:
    reading = Reading()
    line = make_line(SUMMARY).rstrip()
    record = Record(
        identity="0123456789abcdef",
        time=datetime(2026, 5, 1, 12, 30, 1, 234_000, tzinfo=timezone.utc),
        host="build-7",
        user="alice",
        argv=("install", "demo"),
        outcome=Outcome.ALLOWED,
        exit_code=0,
        error=None,
        findings=(
            RecordedFinding(
                rule="bad-thing",
                severity="warning",
                would_refuse=False,
                message="pip would do a bad thing.",
                project="other",
                version=None,
            ),
        ),
        excused=(
            RecordedFinding(
                rule="bad-thing",
                severity="error",
                would_refuse=False,
                message="pip would do a bad thing.",
                project="demo",
                version="1.0",
                entry=("bad-thing", "demo", "==1.0"),
                reason="tested",
            ),
        ),
        projects=("demo", "other", "demo"),
        line=line.decode(),
    )
    assert reading.add([line]) == [record]
    assert (reading.records, reading.unreadable, reading.newer) == ([record], 0, 0)


@pytest.mark.parametrize(
    ("outcome", "refused"),
    [
        pytest.param(Outcome.BEGUN, False, id="begun"),
        pytest.param(Outcome.ALLOWED, False, id="allowed"),
        pytest.param(Outcome.FAILED, False, id="failed"),
        pytest.param(Outcome.REFUSED, True, id="refused"),
        pytest.param(Outcome.WOULD_REFUSE, True, id="observed"),
        pytest.param(Outcome.ERROR, True, id="error"),
    ],
)
def test_tells_what_was_refused(outcome: Outcome, refused: bool) -> None:
    (record,) = Reading().add([make_line(outcome=outcome)])
    assert record.refused is refused


def test_last_record_of_a_command_counts_where_it_stands() -> None:
    reading = Reading()
    begin = make_line(identity="a", event=Event.BEGIN, outcome=Outcome.BEGUN, exit_code=None)
    other = make_line(identity="b", now=NOW + timedelta(seconds=1))
    reading.add([begin, other])
    assert [(record.identity, record.outcome) for record in reading.records] == [
        ("a", Outcome.BEGUN),
        ("b", Outcome.ALLOWED),
    ]
    reading.add([make_line(identity="a", now=LATER)])
    assert [(record.identity, record.outcome) for record in reading.records] == [
        ("b", Outcome.ALLOWED),
        ("a", Outcome.ALLOWED),
    ]


BROKEN: list[object] = [
    pytest.param(b"", id="nothing"),
    pytest.param(make_line()[:100], id="half-a-line"),
    pytest.param(b"\xff\xfe", id="no-text"),
    pytest.param(b"[" * 100_000, id="deep"),
    pytest.param(b"7", id="number"),
    pytest.param(b"{}", id="no-keys"),
    pytest.param(json.dumps({**make_record(), "schema": "1"}).encode(), id="schema"),
    pytest.param(json.dumps({**make_record(), "time": "yesterday"}).encode(), id="time"),
    pytest.param(json.dumps({**make_record(), "verdict": "good"}).encode(), id="verdict"),
    pytest.param(json.dumps({**make_record(), "argv": "install"}).encode(), id="argv"),
    pytest.param(json.dumps({**make_record(), "findings": [7]}).encode(), id="finding"),
    pytest.param(json.dumps({**make_record(), "findings": {}}).encode(), id="findings"),
    pytest.param(
        json.dumps(
            {**make_record(), "exceptions": [{**read(make_line(SUMMARY))["exceptions"][0], "entry": 7}]}
        ).encode(),
        id="entry",
    ),
    pytest.param(json.dumps({**make_record(), "time": "2026-05-01T12:30:01.234"}).encode(), id="time-of-nowhere"),
]


@pytest.mark.parametrize("line", BROKEN)
def test_line_that_cannot_be_read_is_counted(line: bytes) -> None:
    reading = Reading()
    assert len(reading.add([make_line(identity="a"), line, make_line(identity="b")])) == 2
    assert (len(reading.records), reading.unreadable) == (2, 1)


def test_exit_code_that_is_none_is_left_out() -> None:
    (record,) = Reading().add([json.dumps({**make_record(), "exit_code": "0"}).encode()])
    assert record.exit_code is None


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda c: st.lists(c) | st.dictionaries(st.sampled_from(sorted(make_record())), c),
    )
)
def test_nothing_that_is_json_fails(content: object) -> None:
    Reading().add([json.dumps(content).encode()])
    Reading().add([json.dumps({**make_record(), **content}).encode()] if isinstance(content, dict) else [])


def test_newer_record_is_counted() -> None:
    reading = Reading()
    assert reading.add([json.dumps({"schema": 2}).encode(), make_line()]) == reading.records
    assert (len(reading.records), reading.unreadable, reading.newer) == (1, 0, 1)


def test_older_files_come_first(path: Path) -> None:
    for name in ("journal.jsonl.10", "journal.jsonl.2", "journal.jsonl", "journal.jsonl.lock", "xjournal.jsonl.1"):
        (path.parent / name).touch()
    assert [Path(older).name for older in older_files(str(path))] == ["journal.jsonl.10", "journal.jsonl.2"]


def test_journal_may_not_be_there_yet(path: Path) -> None:
    assert older_files(str(path.parent / "nowhere" / "journal.jsonl")) == []
    assert list(read_lines(str(path))) == []
    assert read_journal(str(path)).records == []


def test_reads_older_files_and_half_a_line(path: Path) -> None:
    Path(f"{path}.2").write_bytes(make_line(identity="a"))
    Path(f"{path}.1").write_bytes(b"half\n" + make_line(identity="b"))
    path.write_bytes(make_line(identity="c") + b"half")
    reading = read_journal(str(path))
    assert [record.identity for record in reading.records] == ["a", "b", "c"]
    assert reading.unreadable == 2


def test_tail_returns_whole_lines_as_they_come(path: Path) -> None:
    tail = Tail(str(path))
    assert tail.new_lines() == []
    with path.open("ab", buffering=0) as file:
        file.write(b"one\ntw")
        assert (tail.new_lines(), tail.has_rest) == ([b"one"], True)
        file.write(b"o\n")
        assert (tail.new_lines(), tail.has_rest) == ([b"two"], False)
    assert tail.new_lines() == []
    tail.close()
    tail.close()


def test_tail_goes_on_in_the_file_that_comes_next(path: Path) -> None:
    tail = Tail(str(path))
    path.write_bytes(b"one\n")
    assert tail.new_lines() == [b"one"]
    with path.open("ab") as file:
        file.write(b"two\n")
    path.replace(f"{path}.1")
    assert tail.new_lines() == [b"two"]
    path.write_bytes(b"three\n")
    assert tail.new_lines() == [b"three"]
    with path.open("ab") as file:
        file.write(b"four\n")
    path.replace(f"{path}.1")
    path.write_bytes(b"five\n")
    assert tail.new_lines() == [b"four", b"five"]
    tail.close()


def test_used_exceptions_are_told_with_their_last_use() -> None:
    reading = Reading()
    for number, (project, moment, once) in enumerate(
        [("a", LATER, False), ("a", NOW, False), ("b", NOW, False), ("c", NOW, True)]
    ):
        summary = CommandSummary(excused=(make_excuse(project=project, version="==1", once=once),))
        reading.add([make_line(summary, identity=str(number), now=moment)])
    assert used_exceptions(reading.records) == {
        ("bad-thing", "a", "==1"): LATER,
        ("bad-thing", "b", "==1"): NOW,
    }
    assert used_exceptions(Reading().add([make_line(CommandSummary(excused=(make_excuse(),)))])) == {
        ("bad-thing", None, None): NOW
    }


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read everything")
def test_file_that_may_not_be_read_is_an_error(path: Path) -> None:
    path.touch(mode=0)
    with pytest.raises(PermissionError):
        read_journal(str(path))
