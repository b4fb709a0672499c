"""Of the ways to start pip, as many are guarded as is said, and status tells them apart."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from tests.e2e.reach.entry_points import COPIED, PROJECT, every_entry_point
from tests.e2e.reach.machine import SYSTEM_PATH, Machine, Reach, install_guard, make_machine, skip_without

pytestmark = pytest.mark.slow

ENTRY_POINTS = every_entry_point()
SHIMS = "/usr/local/pip-guard/bin"
# Nothing starts pip there: a program imports it.
PROGRAMS = {"program-runpy", "program-internal", "program-main"}


@pytest.fixture(scope="module")
def machine() -> Machine:
    """Start a machine that has nothing of pip-guard's."""
    skip_without("unshare", "mmdebstrap")
    return make_machine()


@pytest.fixture
def guarded(machine: Machine) -> tuple[Machine, str]:
    """Start a machine that has pip-guard, and has not enabled anything."""
    copy = make_machine()
    return copy, install_guard(copy)


def states(reached: Mapping[str, Reach]) -> dict[str, str]:
    return {entry: reach.state for entry, reach in reached.items()}


def told(machine: Machine, guard: str, *named: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Return what status says of each entry point."""
    line = f"cd {PROJECT} && {guard} guard status --json {' '.join(named)}"
    ended = machine.run("sh", "-c", line, user="dev", env={**machine.session("dev"), **environ})
    status = json.loads(ended.stdout)
    assert ended.returncode == (0 if status["guarded"] else 1)
    return {entry_point["key"]: entry_point["state"] for entry_point in status["entry_points"]}


def differences(machine: Machine, guard: str, reached: Mapping[str, Reach], environ: Mapping[str, str]) -> list[str]:
    """Return the entry points of which status says another thing than was measured."""
    # what lies where such things are not kept has to be named
    said = told(machine, guard, environ=environ) | told(machine, guard, COPIED, environ=environ)
    measured = states(reached)
    return [
        f"{entry.id}: {measured[entry.id]}, but {entry.answers} is said to be {said.get(entry.answers)}"
        for entry in ENTRY_POINTS
        if said.get(entry.answers) != measured[entry.id]
    ]


def test_every_entry_point_reaches_pip(machine: Machine) -> None:
    assert len(ENTRY_POINTS) >= 102
    assert states(machine.use(ENTRY_POINTS)) == dict.fromkeys((entry.id for entry in ENTRY_POINTS), "open")


def test_shells_alone(guarded: tuple[Machine, str]) -> None:
    machine, guard = guarded
    for shell in ("bash", "zsh", "fish"):
        machine.check(guard, "guard", "enable", "--shell", shell, user="dev")
    reached = machine.use(ENTRY_POINTS)
    found = list(states(reached).values())
    assert found.count("guarded") >= 50
    assert found.count("guarded") + found.count("open") == len(ENTRY_POINTS)
    assert differences(machine, guard, reached, {}) == []


def test_interpreter_and_shims(guarded: tuple[Machine, str]) -> None:
    machine, guard = guarded
    machine.check("mkdir", "-p", SHIMS)
    machine.check(guard, "guard", "enable", "--interpreter", "/usr/bin/python3", "--shims", SHIMS)
    environ = {"PATH": f"{SHIMS}:{SYSTEM_PATH}"}
    reached = machine.use(ENTRY_POINTS, environ=environ)
    assert states(reached) == dict.fromkeys((entry.id for entry in ENTRY_POINTS), "guarded")
    assert differences(machine, guard, reached, environ) == []
