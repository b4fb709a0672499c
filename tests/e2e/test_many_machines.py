"""The story of docs/how-to/one-policy-for-many-machines.md, from the first day of watching to an exception that expires."""

from __future__ import annotations

import os
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.e2e.outcome import refusals
from tests.kit.index import LocalIndex
from tests.kit.journal import journal_path, last
from tests.kit.run import Completed
from tests.kit.sources import make_sdist
from tests.kit.wheels import make_wheel
from tests.kit.workspace import Workspace

ADMIN_FOLDER = "/etc/xdg/pip-guard"
ASK = "Questions and exceptions: #python-help"


@pytest.fixture
def machine(workspace: Workspace) -> Workspace:
    """Return a machine whose administrator's policy is where the tests can write it.

    No variable and no option can move that file, which is what this is about: so the path in the program is another one.
    """
    module = workspace.venv.site_packages / "pip_guard" / "policy" / "files.py"
    text = module.read_text(encoding="utf-8")
    assert text.count(ADMIN_FOLDER) == 1
    module.write_text(text.replace(ADMIN_FOLDER, str(workspace.admin_config / "pip-guard")), encoding="utf-8")
    workspace.write(workspace.policy_path, "")
    workspace.index.publish(make_wheel("harmless"))
    for name in ("legacy-tool", "other-tool"):
        workspace.index.publish(make_sdist(name, sentinel=workspace.sentinel(name)))
    return workspace


def administer(machine: Workspace, mode: str, *exceptions: str) -> None:
    """Write the administrator's policy."""
    machine.admin_policy(
        f'mode = "{mode}"\nlocked = true\nadvisory-message = "{ASK}"\n{machine.approval}'
        f'[rules]\nsource-distribution = "error"\n'
        f'[advisories]\nsource = "{machine.advisories}"\n[journal]\nrequired = true\n' + "".join(exceptions)
    )


def exception(project: str, expires: date) -> str:
    return (
        f'[[exceptions]]\nrule = "source-distribution"\nproject = "{project}"\nversion = "==1.0"\n'
        f'reason = "read by the platform team"\nexpires = {expires.isoformat()}\n'
    )


def collect(machine: Workspace) -> Path:
    """Fetch the journal of a user, as the platform team would."""
    folder = machine.folder / "collected"
    folder.mkdir(exist_ok=True)
    return Path(shutil.copy(journal_path(machine), folder / "alice.jsonl"))


def install(machine: Workspace, *arguments: str) -> Completed:
    machine.pip("uninstall", "-y", arguments[-1])
    return machine.guard("install", "--no-cache-dir", *arguments)


def test_policy_is_watched_then_enforced_and_an_exception_comes_and_goes(
    machine: Workspace, rogue_index: LocalIndex
) -> None:
    today = date.today()  # noqa: DTZ011 -- exceptions expire by the calendar of the machine
    # 1. watch: nothing is refused, whatever the user's own policy says
    administer(machine, "observe")
    machine.policy("[journal]\nenabled = false\n", approve_index=False)
    watched = install(machine, "legacy-tool").check()
    assert "warning: source-distribution\n" in watched.stderr
    assert machine.sentinel("legacy-tool").exists()
    rogue_index.publish(make_wheel("stranger"))
    install(machine, "--index-url", rogue_index.url, "stranger").check()
    install(machine, "harmless").check()
    assert machine.added() == {"legacy-tool==1.0", "stranger==1.0", "harmless==1.0"}
    assert (last(machine)["verdict"], last(machine)["mode"]) == ("allowed", "observe")

    # 2. collect, and read what would have been refused
    collected = collect(machine)
    team = os.geteuid()
    summary = machine.guard("guard", "log", "--refused", "--summary", collected, user=team).check()
    assert "     1  source-distribution legacy-tool 1.0\n" in summary.stdout
    assert "     1  unapproved-index\n" in summary.stdout
    assert "harmless" not in summary.stdout
    who = f"{last(machine)['user']}@{last(machine)['host']}"
    log = machine.guard("guard", "log", "--project", "legacy-tool", collected, user=team).check()
    shown = log.stdout.splitlines()
    assert shown[0][20:] == f"  observed    0  {who}  pip install --no-cache-dir legacy-tool"
    assert shown[1].startswith("    would refuse: source-distribution: pip would build legacy-tool 1.0 from ")

    # 3. and 4. what is to stay has an exception, and the rest is refused, whatever is tried
    administer(machine, "enforce", exception("legacy-tool", today + timedelta(days=90)))
    install(machine, "legacy-tool").check()
    (used,) = last(machine)["exceptions"]
    assert (used["project"], used["entry"]["reason"]) == ("legacy-tool", "read by the platform team")
    refused = install(machine, "other-tool")
    assert (refused.returncode, ASK in refused.stderr) == (40, True)
    assert "error: source-distribution\n" in refused.stderr
    for option in ("--guard-allow=source-distribution", "--guard-observe"):
        locked = install(machine, option, "other-tool")
        assert (locked.returncode, last(machine)["verdict"]) == (40, "error")
        assert " locks this." in locked.stderr
    machine.policy(exception("other-tool", today + timedelta(days=90)), approve_index=False)
    assert install(machine, "other-tool").returncode == 40
    machine.write("pyproject.toml", '[tool.pip-guard.journal]\npath = "/tmp/elsewhere.jsonl"\n')
    assert install(machine, "other-tool").returncode == 40
    assert last(machine)["argv"][-1] == "other-tool"
    assert not machine.sentinel("other-tool").exists()

    # 5. a developer has asked, and is granted something until a day
    granted = exception("other-tool", today)
    administer(machine, "enforce", exception("legacy-tool", today + timedelta(days=90)), granted)
    soon = install(machine, "other-tool").check()
    assert "today is its last day." in soon.stderr
    assert machine.sentinel("other-tool").exists()

    # the day after
    yesterday = exception("other-tool", today - timedelta(days=1))
    administer(machine, "enforce", exception("legacy-tool", today + timedelta(days=90)), yesterday)
    expired = install(machine, "other-tool")
    assert expired.returncode == 40
    assert f"expired on {today - timedelta(days=1)}." in expired.stderr
    uses = machine.guard("guard", "log", "--rule", "source-distribution", "--since", "1d").check().stdout
    assert uses.count("allowed by an exception (read by the platform team)") == 2


def test_refusal_ends_as_ever(machine: Workspace) -> None:
    administer(machine, "enforce")
    assert "source-distribution" in refusals(machine.guard("install", "other-tool"))
