"""Where a refusal is shown, and how: in pip's log file as well, and in colour only where pip may use colours."""

from __future__ import annotations

import os
import pty
from collections.abc import Mapping

import pytest

from pip_guard.rules import ALL_RULES
from tests.e2e.outcome import refusals
from tests.kit.journal import journal_path
from tests.kit.workspace import Workspace

REFUSED_BEFORE_PIP = ("install", "-i", "https://elsewhere.example/simple/", "harmless")
REFUSED_ON_THE_WAY = ("install", "git+https://elsewhere.example/harmless")


@pytest.mark.parametrize("command", [REFUSED_BEFORE_PIP, REFUSED_ON_THE_WAY])
def test_refusal_stands_in_the_log_file(shared_workspace: Workspace, command: tuple[str, ...]) -> None:
    log = shared_workspace.cwd / "pip.log"
    ended = shared_workspace.guard("--log", log, *command)
    (rule, *_) = refusals(ended)
    lines = [line.partition(" ")[2] for line in log.read_text(encoding="utf-8").splitlines()]
    assert f"error: {rule}" in lines
    assert "Nothing was installed." in lines


def on_terminal(workspace: Workspace, *arguments: str, **variables: str) -> str:
    """Run pip-guard, and return what it writes to a terminal."""
    controller, terminal = pty.openpty()
    command = ["/usr/bin/env", "-u", "NO_COLOR", "TERM=xterm"]
    command += [f"{name}={value}" for name, value in variables.items()]
    process = workspace.start(*command, workspace.venv.scripts / "pip-guard", *arguments, stderr=terminal)
    os.close(terminal)
    shown = b""
    try:
        while chunk := os.read(controller, 4096):
            shown += chunk
    except OSError:  # Linux says so when nobody has the terminal open any longer
        pass
    finally:
        os.close(controller)
    process.wait()
    return shown.decode()


@pytest.mark.parametrize(
    ("arguments", "variables", "coloured"),
    [
        pytest.param((), {}, True, id="terminal"),
        pytest.param(("--no-color",), {}, False, id="option"),
        pytest.param(("--no-colo",), {}, False, id="abbreviation"),
        pytest.param((), {"PIP_NO_COLOR": "1"}, False, id="variable"),
        pytest.param((), {"PIP_CONFIG_FILE": "pip.conf"}, False, id="configuration"),
    ],
)
def test_refusal_has_colours_where_pip_may_use_them(
    shared_workspace: Workspace, arguments: tuple[str, ...], variables: Mapping[str, str], coloured: bool
) -> None:
    shared_workspace.write("pip.conf", "[global]\nno-color = true\n")
    shown = on_terminal(shared_workspace, *arguments, *REFUSED_BEFORE_PIP, **variables)
    assert "unapproved-index" in shown
    assert ("\x1b[" in shown) is coloured


def test_pip_config_records_nothing_where_every_rule_is_off(shared_workspace: Workspace) -> None:
    rules = "\n".join(f'{rule.id} = "off"' for rule in ALL_RULES)
    change = ("config", "--user", "set", "global.timeout", "60")
    env = {"PIP_CONFIG_FILE": None}
    shared_workspace.guard(*change, policy=f"[rules]\n{rules}\n", env=env).check()
    assert not journal_path(shared_workspace).exists()
    shared_workspace.guard(*change, policy="", env=env).check()
    assert journal_path(shared_workspace).exists()
