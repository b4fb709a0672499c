"""Status says what is true of a machine, and runs nothing of what it looks at."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import pip_guard
from tests.kit.environments import VirtualEnvironment
from tests.kit.workspace import Workspace

TRAP = "#!/bin/sh\ntouch {mark}\nexit 1\n"


def test_environment_without_a_hook_is_open(shared_workspace: Workspace) -> None:
    environment = shared_workspace.venv
    ended = shared_workspace.guard("guard", "status", "--json", environment.path)
    said = json.loads(ended.stdout)
    assert (ended.returncode, ended.stderr) == (1, "")
    states = {entry_point["key"]: entry_point["state"] for entry_point in said["entry_points"]}
    assert states == {
        f"module:{environment.python}": "open",
        **{f"script:{script}": "open" for script in environment.scripts.glob("pip*") if "guard" not in script.name},
    }
    assert said["self_test"] == {
        "passed": True,
        "exit_code": 40,
        "rules": ["source-distribution"],
        "explanation": "passed: a test sdist was refused before any of its code ran",
    }
    assert said["policy"] == {"files": [str(shared_workspace.policy_path)], "problem": None}
    assert shared_workspace.index.requests == []


def test_nothing_that_is_looked_at_is_run(shared_workspace: Workspace) -> None:
    mark = shared_workspace.sentinel()
    for name in ("pip", "python3", "python3.13", "uv", "pyenv"):
        trap = shared_workspace.write(f"traps/{name}", TRAP.format(mark=mark))
        trap.chmod(0o755)
    folder = shared_workspace.cwd / "traps"
    path = f"{folder}:{shared_workspace.environ['PATH']}"
    ended = shared_workspace.guard("guard", "status", "pip", env={"PATH": path, "VIRTUAL_ENV": str(folder)})
    assert ended.returncode == 1
    assert f"unknown  pip on PATH ({folder})\n" in ended.stdout
    assert not mark.exists()


def test_policy_that_observes_does_not_pass_for_a_guard(shared_workspace: Workspace) -> None:
    ended = shared_workspace.guard("guard", "status", shared_workspace.venv.path, policy='mode = "observe"\n')
    assert ended.returncode == 1
    assert "  self-test  FAILED: a test sdist was not refused, and its build ran\n" in ended.stdout


def test_runs_although_the_configuration_of_pip_is_broken(shared_workspace: Workspace) -> None:
    broken = shared_workspace.write("home/pip.conf", "[global]\ntimeout = 1\n  [global]\n[global]\n")
    env = {"PIP_CONFIG_FILE": str(broken)}
    assert shared_workspace.guard("list", env=env).returncode == 2
    ended = shared_workspace.guard("guard", "status", shared_workspace.venv.path, env=env)
    assert (ended.returncode, ended.stderr) == (1, "")
    assert "  self-test  passed" in ended.stdout
    assert shared_workspace.guard("guard", "enable", "--pip-config", "--dry-run", env=env).returncode == 0
    assert shared_workspace.guard("guard", "disable", "--pip-config", env=env).returncode == 0


def test_self_test_leaves_nothing_in_the_journal(shared_workspace: Workspace) -> None:
    shared_workspace.guard("guard", "status")
    assert shared_workspace.guard("guard", "log", "--summary").check().stdout == ""


@pytest.mark.parametrize("start", ["in-its-environment", "pipx", "uv-tool"])
def test_own_module_with_another_line_is_found(workspace: Workspace, other: VirtualEnvironment, start: str) -> None:
    environment = workspace.venv
    command: Path = environment.scripts / "pip-guard"
    if start != "in-its-environment":
        # both mark the environment that they make for a tool, and link to its command
        mark = {"pipx": "pipx_metadata.json", "uv-tool": "uv-receipt.toml"}[start]
        (environment.path / mark).touch()
        command = workspace.cwd / "pip-guard"
        command.symlink_to(environment.scripts / "pip-guard")
    env = {} if start == "in-its-environment" else {"VIRTUAL_ENV": str(other.path)}

    def own_files() -> tuple[dict[str, object], str]:
        ended = workspace.run(command, "guard", "status", "--json", env=env)
        assert ended.returncode == 1  # the environments are open
        said = json.loads(ended.stdout)
        return said["own_files"], said["versions"]["pip-guard"]

    assert own_files() == ({"condition": "intact", "problems": []}, pip_guard.__version__)
    with (environment.site_packages / "pip_guard" / "frozen.py").open("a", encoding="utf-8") as file:
        file.write("# a line\n")
    assert own_files()[0] == {
        "condition": "changed",
        "problems": ["pip_guard/frozen.py has another content than RECORD says"],
    }
