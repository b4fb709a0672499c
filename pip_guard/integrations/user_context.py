"""Collect who asks for a door, and where pip-guard's own console script is."""

from __future__ import annotations

import csv
import glob
import os
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from pip_guard.environment.destination import runs_as_root
from pip_guard.environment.module_origins import own_folder
from pip_guard.errors import GuardError
from pip_guard.integrations.integration import UserContext

_SCRIPT = "pip-guard.exe" if os.name == "nt" else "pip-guard"


def describe_surroundings(*, index: str | None = None) -> UserContext:
    """Describe this process; `index` is the index that the policy approves first. Raises `GuardError`."""
    return UserContext(
        environ=dict(os.environ),
        home=Path.home(),
        launcher=find_launcher(),
        as_root=runs_as_root(),
        platform=sys.platform,
        index=index,
    )


def find_launcher() -> Path:
    """Return pip-guard's console script, by its absolute path. Raises `GuardError` if there is none."""
    for script in _scripts():
        if script.is_file() and os.access(script, os.X_OK):
            return script
    raise GuardError(
        "The command pip-guard, which everything is to be led through, was not found.",
        hint="Install pip-guard-shim again, for example with pipx.",
    )


def _scripts() -> Iterator[Path]:
    # NOTE: this may be the interpreter of another environment, so the record of what was installed goes first.
    for record in glob.glob(os.path.join(glob.escape(own_folder()), "pip_guard_shim-*.dist-info", "RECORD")):
        with open(record, newline="", encoding="utf-8") as stream:
            for row in csv.reader(stream):
                if row and os.path.basename(row[0]) == _SCRIPT:
                    yield Path(os.path.normpath(os.path.join(own_folder(), row[0])))
    yield Path(sysconfig.get_path("scripts"), _SCRIPT)
