"""A fork of a process that has loaded everything does what a process of its own does."""

from __future__ import annotations

import pytest

from tests.e2e.outcome import told
from tests.e2e.rows import slow
from tests.kit.forks import Forks
from tests.kit.run import Completed
from tests.kit.sources import make_sdist
from tests.kit.wheels import make_wheel
from tests.kit.workspace import Workspace


@pytest.fixture
def place(shared_workspace: Workspace) -> Workspace:
    """Make a place where commands do well, are refused, and fail."""
    shared_workspace.index.publish(make_wheel("harmless"))
    shared_workspace.index.publish(make_sdist("sourceonly", sentinel=shared_workspace.sentinel()))
    return shared_workspace


LINES = [
    "install --dry-run harmless",
    "install --target elsewhere --upgrade harmless",
    "install --dry-run --no-cache-dir sourceonly",
    "install nothing-there",
    "install --no-such-option",
    "lock harmless",
    "list",
    "--version",
    "guard status",
    "help",
    "instal harmless",
]


@pytest.mark.parametrize("program", ["pip-guard", slow("pip")])
def test_fork_does_what_a_process_does(program: str, place: Workspace) -> None:
    warm_up = ("install", "--dry-run", "harmless")
    with Forks(place, program, *warm_up, environ=place.environ) as forks:
        for line in LINES:
            forked = forks.run(*line.split(), environ={**place.environ, "TZ": "UTC"})
            alone = place.run(place.venv.scripts / program, *line.split(), env={"TZ": "UTC"})
            assert seen(place, forked) == seen(place, alone), line


def test_fork_has_nothing_of_the_one_before(place: Workspace) -> None:
    with Forks(place, "pip-guard", "install", "--dry-run", "harmless", environ=place.environ) as forks:
        elsewhere = {**place.environ, "PIP_INDEX_URL": "https://localhost:1/"}
        assert forks.run("install", "--dry-run", "harmless", environ=elsewhere).returncode == 40
        assert forks.run("install", "--dry-run", "harmless", environ=place.environ).returncode == 0


def seen(place: Workspace, ended: Completed) -> tuple[int, str, str]:
    return ended.returncode, ended.stdout, told(place, ended)
