"""Test what the system's log is told."""

from __future__ import annotations

import socket
import sys
import syslog
from pathlib import Path
from typing import Any

import pytest

from pip_guard.engine.summary import CommandSummary
from pip_guard.journal import syslog_sink
from pip_guard.journal.files import UnwritableError
from pip_guard.journal.record import Outcome
from pip_guard.journal.syslog_sink import LONGEST, send, summary
from tests.unit.factories import make_finding
from tests.unit.journal.factories import make_process_info, make_record

REFUSED = make_record(
    CommandSummary(findings=(make_finding(rule="one"), make_finding(rule="two"), make_finding(rule="one"))),
    outcome=Outcome.REFUSED,
)


def test_line_says_the_most_important() -> None:
    assert summary(REFUSED) == "refused user=alice id=0123456789abcdef rules=one,two: install demo"
    assert summary(make_record()) == "allowed user=alice id=0123456789abcdef rules=-: install demo"


def test_line_is_short_and_one() -> None:
    text = summary(make_record(process_info=make_process_info(argv=("x\nkernel: evil \x1b[2J", "y" * 5000))))
    assert text.endswith("yyy")
    assert len(text) == LONGEST
    assert "install" not in text
    assert "x?kernel: evil ?[2J yyy" in text


@pytest.mark.parametrize(
    ("outcome", "priority"),
    [
        pytest.param(Outcome.ALLOWED, syslog.LOG_INFO, id="allowed"),
        pytest.param(Outcome.FAILED, syslog.LOG_WARNING, id="failed"),
        pytest.param(Outcome.REFUSED, syslog.LOG_WARNING, id="refused"),
        pytest.param(Outcome.ERROR, syslog.LOG_WARNING, id="error"),
    ],
)
def test_refusal_is_more_important(outcome: Outcome, priority: int, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr(syslog_sink, "_is_there", lambda: True)
    monkeypatch.setattr(syslog, "openlog", lambda *arguments: calls.append(arguments))
    monkeypatch.setattr(syslog, "syslog", lambda *arguments: calls.append(arguments))
    record = make_record(outcome=outcome)
    send(record)
    assert calls == [("pip-guard", syslog.LOG_PID, syslog.LOG_USER), (priority, summary(record))]


@pytest.mark.skipif(sys.platform != "linux", reason="the log is no socket here")
@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM])
def test_log_that_is_there_is_found(kind: socket.SocketKind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syslog_sink, "SOCKET", str(tmp_path / "log"))
    monkeypatch.setattr(syslog, "syslog", lambda *arguments: None)
    with pytest.raises(UnwritableError) as caught:
        send(make_record())
    assert str(caught.value) == "was written, but there is no syslog on this machine to copy it to"
    with socket.socket(socket.AF_UNIX, kind) as log:
        log.bind(str(tmp_path / "log"))
        if kind is socket.SOCK_STREAM:
            log.listen()
        send(make_record())
    with pytest.raises(UnwritableError):
        send(make_record())
