"""Test what becomes of a command that only a newer pip has."""

from __future__ import annotations

import pytest
from pip._internal.commands import CommandInfo

from pip_guard.engine.session import GuardSession
from pip_guard.facts.violation import Severity
from pip_guard.pip_adapter import entry
from pip_guard.pip_adapter import session as module
from pip_guard.pip_adapter.commands.factory import make_command
from pip_guard.policy.model import Policy
from pip_guard.rules import unsupported_pip
from tests.unit.engine.factories import RecordedReport, describe


def prepare(monkeypatch: pytest.MonkeyPatch, severity: Severity) -> None:
    """Let pip have a command `fetch`, which does what `hash` does."""
    policy = Policy(severities={"unsupported-pip": severity})
    session = GuardSession(
        rules=(unsupported_pip.RULE,), load_policy=lambda: policy, describe=describe, report=RecordedReport()
    )
    monkeypatch.setattr(module, "_running", module._Running())
    module.set_session(lambda: session)
    info = CommandInfo("pip._internal.commands.hash", "HashCommand", "Fetch.")
    monkeypatch.setitem(entry.replaced_commands, "fetch", info)


def test_refuses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(monkeypatch, Severity.ERROR)
    with pytest.raises(SystemExit) as end:
        make_command("fetch", "Fetch.").parse_args(["--nobody-knows"])
    assert end.value.code == 42


@pytest.mark.parametrize("severity", [Severity.WARNING, Severity.OFF])
def test_runs_it_where_the_policy_lets_it_pass(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], severity: Severity
) -> None:
    prepare(monkeypatch, severity)
    command = make_command("fetch", "Fetch.", isolated=True)
    assert (command.name, command.summary) == ("fetch", "Fetch.")
    assert command.main([__file__]) == 0
    assert "--hash=sha256:" in capsys.readouterr().out
