"""Test what the running command is given."""

from __future__ import annotations

import os
from collections.abc import Iterator
from optparse import Values

import pytest

from pip_guard.engine.session import GuardSession
from pip_guard.guard_actions import GuardRequest
from pip_guard.pip_adapter import session as module
from pip_guard.pip_adapter.session import respect_colour
from pip_guard.policy.model import Policy
from tests.unit.engine.factories import RecordedReport, describe


@pytest.fixture(autouse=True)
def nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_running", module._Running())


def make_session() -> GuardSession:
    return GuardSession(rules=(), load_policy=Policy, describe=describe, report=RecordedReport())


def test_session_is_made_once_and_when_it_is_needed() -> None:
    sessions = [make_session(), make_session()]
    made: Iterator[GuardSession] = iter(sessions)
    module.set_session(lambda: next(made))
    assert module.get_session() is sessions[0]
    assert module.get_session() is sessions[0]
    assert list(made) == sessions[1:]


def test_guarded_command_needs_a_session() -> None:
    with pytest.raises(RuntimeError, match="without a session"):
        module.get_session()


def test_guard_command_is_handed_over() -> None:
    seen = []

    def run(request: GuardRequest) -> int:
        seen.append(request)
        return 7

    module.set_guard_command(run)
    request = GuardRequest(arguments=("explain",))
    assert (module.run_guard_command(request), seen) == (7, [request])


def test_guard_command_needs_its_implementation() -> None:
    with pytest.raises(RuntimeError, match="without its implementation"):
        module.run_guard_command(GuardRequest(arguments=()))


@pytest.mark.parametrize(
    ("given", "code"),
    [
        pytest.param(0, 0, id="success"),
        pytest.param(7, 7, id="code"),
        pytest.param(None, 0, id="nothing"),
        pytest.param("It is so.", 1, id="message"),
    ],
)
def test_command_that_pip_ends_is_ended(given: object, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []
    session = make_session()
    monkeypatch.setattr(session, "end", ended.append)
    module.set_session(lambda: session)
    module.end_command(given)
    assert ended == []
    module.get_session()
    module.end_command(given)
    assert ended == [code]


@pytest.mark.parametrize("no_color", [True, False])
def test_reports_use_no_colour_where_pip_shall_not(monkeypatch: pytest.MonkeyPatch, no_color: bool) -> None:
    monkeypatch.setenv("PIP_NO_COLOR", "")
    respect_colour(Values({"no_color": no_color}))
    assert os.environ.get("PIP_NO_COLOR") == ("1" if no_color else "")
