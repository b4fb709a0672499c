"""Make what records are built of."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

from pip_guard.engine.summary import CommandSummary, ExcusedFinding
from pip_guard.facts.resolution import ChosenFile
from pip_guard.frozen import replace
from pip_guard.journal.process import ProcessInfo
from pip_guard.journal.record import Event, Outcome, PolicyFingerprint, build_record, render
from tests.unit.factories import make_exception, make_finding, make_violation

NOW = datetime(2026, 5, 1, 12, 30, 1, 234_000, tzinfo=timezone.utc)
POLICY = PolicyFingerprint(digest="sha256:" + "0" * 64, mode="enforce")
HERE = ProcessInfo(
    host="build-7",
    user="alice",
    pid=4711,
    cwd="/srv/app",
    argv=("install", "demo"),
    interpreter="/srv/app/.venv/bin/python",
    environment="/srv/app/.venv",
    guard="0.1.0",
    pip="26.3",
    python="3.11.2",
)
WHEEL = ChosenFile(
    project="demo",
    version="1.0",
    filename="demo-1.0-py3-none-any.whl",
    url="https://files.example/demo-1.0-py3-none-any.whl",
    hashes=frozenset({"sha256:00ff"}),
    size=828,
)


def make_process_info(**only_what_matters: Any) -> ProcessInfo:
    return replace(HERE, **only_what_matters)


def make_excuse(**entry: Any) -> ExcusedFinding:
    finding = make_finding(violation=make_violation(project="demo", version="1.0"))
    return ExcusedFinding(finding=finding, exception=make_exception(**entry))


def make_record(summary: CommandSummary | None = None, **only_what_matters: Any) -> dict[str, object]:
    """Build the record of an installation that was allowed."""
    given = {
        "event": Event.END,
        "outcome": Outcome.ALLOWED,
        "identity": "0123456789abcdef",
        "now": NOW,
        "process_info": HERE,
        "policy": POLICY,
        "exit_code": 0,
        **only_what_matters,
    }
    return build_record(summary or CommandSummary(command="install"), **given)


def make_line(summary: CommandSummary | None = None, **only_what_matters: Any) -> bytes:
    return render(make_record(summary, **only_what_matters))


def read(line: bytes) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(line)
    return content
