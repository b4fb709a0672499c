"""Test what the running command is given."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pip_guard.actions import GuardRequest
from pip_guard.engine.session import GuardSession
from pip_guard.pip_adapter import current
from pip_guard.policy.model import Policy
from tests.unit.engine.factories import RecordedReport, describe


@pytest.fixture(autouse=True)
def nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current, "_running", current._Running())


def make_session() -> GuardSession:
    return GuardSession(rules=(), load_policy=Policy, describe=describe, report=RecordedReport())


def test_gate_is_made_once_and_when_it_is_needed() -> None:
    gates = [make_session(), make_session()]
    made: Iterator[GuardSession] = iter(gates)
    current.set_session(lambda: next(made))
    assert current.get_session() is gates[0]
    assert current.get_session() is gates[0]
    assert list(made) == gates[1:]


def test_guarded_command_needs_a_gate() -> None:
    with pytest.raises(RuntimeError, match="without a gate"):
        current.get_session()


def test_guard_command_is_handed_over() -> None:
    seen = []

    def run(request: GuardRequest) -> int:
        seen.append(request)
        return 7

    current.set_guard_command(run)
    request = GuardRequest(arguments=("explain",))
    assert (current.run_guard_command(request), seen) == (7, [request])


def test_guard_command_needs_its_implementation() -> None:
    with pytest.raises(RuntimeError, match="without its implementation"):
        current.run_guard_command(GuardRequest(arguments=()))


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
    current.set_session(lambda: session)
    current.end_command(given)
    assert ended == []
    current.get_session()
    current.end_command(given)
    assert ended == [code]
