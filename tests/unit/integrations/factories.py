"""Make requests of integrations, and look at what they do."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from pip_guard.guard_actions import GuardRequest
from pip_guard.integrations.file_edits import apply
from pip_guard.integrations.integration import Integration, UserContext


def make_context(
    home: Path,
    *,
    launcher: Path | None = None,
    as_root: bool = False,
    platform: str = "linux",
    index: str | None = None,
    minimum_age: int = 0,
    **variables: str,
) -> UserContext:
    """Describe a home; by default its owner asks, whose shell is bash."""
    return UserContext(
        environ={"SHELL": "/bin/bash", "PATH": "/usr/bin", **variables},
        home=home,
        launcher=launcher or Path("/opt/pip-guard/bin/pip-guard"),
        as_root=as_root,
        platform=platform,
        index=index,
        minimum_age=minimum_age,
    )


def make_request(**options: str | bool) -> GuardRequest:
    """Make a request; ``dry_run=True`` is ``--dry-run``."""
    return GuardRequest(
        arguments=("enable",), options={f"--{name.replace('_', '-')}": value for name, value in options.items()}
    )


def enable(integration: Integration, context: UserContext, **options: str | bool) -> list[str]:
    """Enable an integration, and return the names of the files that changed."""
    changes = [change for change in integration.plan_enable(make_request(**options), context) if change.changes]
    apply(changes)
    return [change.path.name for change in changes]


def disable(integration: Integration, context: UserContext, **options: str | bool) -> list[str]:
    """Disable an integration, and return the names of the files that changed."""
    changes = [change for change in integration.plan_disable(make_request(**options), context) if change.changes]
    apply(changes)
    return [change.path.name for change in changes]


def snapshot(folder: Path) -> dict[str, tuple[str, int, bytes]]:
    """Return every file and link below a folder, with its permissions and its content."""
    found = {}
    for parent, _, files in os.walk(folder):
        for file in files:
            path = Path(parent, file)
            content = os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes()
            kind = "link" if path.is_symlink() else "file"
            found[str(path.relative_to(folder))] = (kind, stat.S_IMODE(path.lstat().st_mode), content)
    return found
