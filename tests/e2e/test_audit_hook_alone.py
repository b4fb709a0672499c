"""With nothing of pip wrapped, the audit hook is alone: it still stops every build."""

from __future__ import annotations

import pytest

from tests.e2e.channels import CHANNELS, Channel, parameters
from tests.e2e.outcome import leftovers, refusals
from tests.kit.workspace import Workspace

# What is wrapped decides what is asked before a build; here it is nothing.
UNWRAPPED = """
import sys

from pip_guard.cli import main
from pip_guard.pip_adapter.commands import guarded, guarded_requirements
from pip_guard.pip_adapter.network.requests import CommandState

guarded.GuardedCommand.hooks = lambda self: ()
guarded_requirements.GuardedRequirementCommand.hooks = lambda self: ()
CommandState.judge = lambda self, *facts: None
sys.exit(main())
"""


# One way of each kind; the others start the same processes.
FAST = frozenset({"index", "url", "dependency-directory", "file-editable", "repository", "lock-file-repository"})
# pip itself refuses files without an upload time, unless a wrapper knows better.
POLICY = '[rules]\nrecent-release = "off"\n'


@pytest.mark.parametrize(("channel", "rules"), parameters(CHANNELS, fast=FAST))
def test_audit_hook_alone_stops_build(channel: Channel, rules: tuple[str, ...], shared_workspace: Workspace) -> None:
    attempt = channel(shared_workspace)
    script = shared_workspace.write(shared_workspace.home / "unwrapped.py", UNWRAPPED)
    shared_workspace.add_policy(POLICY)
    ended = shared_workspace.python(script, *attempt.arguments, env=attempt.env)
    assert refusals(ended) == ("source-distribution",), str(ended)
    assert "although no build is allowed." in ended.stderr
    assert not shared_workspace.sentinel().exists()
    assert leftovers(shared_workspace) == []


# What pip starts for its User-Agent header, wherever PATH finds it; a wheel can bring a script of that name.
@pytest.mark.parametrize("name", ["lsb_release", "uname", "rustc"])
def test_probe_of_path_is_not_started(name: str, place: Workspace) -> None:
    program = place.write(place.home / "bin" / name, f"#!/bin/sh\n: > {place.sentinel()}\n")
    program.chmod(0o755)
    env = {"PATH": f"{program.parent}:{place.environ['PATH']}"}
    place.pip("install", "--dry-run", "harmless", env=env).check()
    assert place.sentinel().exists()
    place.sentinel().unlink()
    place.guard("install", "--dry-run", "harmless", env=env).check()
    assert not place.sentinel().exists()
