"""Define an integration: files that are edited so that pip runs under pip-guard."""

from __future__ import annotations

import csv
import glob
import os
import re
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from pip_guard.environment.destination import runs_as_root
from pip_guard.environment.module_origins import own_folder
from pip_guard.errors import GuardError
from pip_guard.frozen import frozen
from pip_guard.guard_actions import GuardRequest
from pip_guard.integrations.file_edits import Change

MINIMUM_AGE = "--minimum-age"
# NOTE: pip reads whole days only, of the durations of ISO 8601.
_DAYS = re.compile(r"P(?P<days>[0-9]{1,9})D")
_SCRIPT = "pip-guard.exe" if os.name == "nt" else "pip-guard"


@frozen
class UserContext:
    """The user and machine that an integration is for, besides the files that it reads.

    `launcher` is the absolute path of pip-guard's console script. Everything that integrations write calls it by that path, so
    nothing on PATH can take its place. `index` is the first index that the policy approves, unless that is PyPI.
    `minimum_age` is the policy's, in whole days.
    """

    environ: Mapping[str, str]
    home: Path
    launcher: Path
    as_root: bool
    platform: str
    index: str | None = None
    minimum_age: int = 0

    def variable(self, name: str) -> str | None:
        """Return the value of an environment variable, or None if it is unset or empty."""
        return self.environ.get(name) or None

    def folder(self, variable: str, default: str) -> Path:
        """Return a folder of the user; a relative value is ignored (XDG Base Directory Specification)."""
        named = self.variable(variable)
        return Path(named) if named and os.path.isabs(named) else self.home / default


@frozen
class IntegrationState:
    """The state of an integration in one place: a shell, a folder, a file or an interpreter.

    `covers` describes the calls of pip that run under guard there. Each problem is a pair of what is wrong and how to fix it;
    an integration that is enabled and has problems guards in part at best.
    """

    integration: str
    place: str
    enabled: bool
    covers: str
    files: tuple[Path, ...] = ()
    problems: tuple[tuple[str, str], ...] = ()

    @property
    def works(self) -> bool:
        """Tell whether the integration is enabled and has no problems."""
        return self.enabled and not self.problems


def chosen_age(request: GuardRequest, context: UserContext, set_before: object) -> str | None:
    """Return the minimum age to set, or None if it is neither requested nor set already. Raises `GuardError`."""
    if not request.has(MINIMUM_AGE) and set_before is None:
        return None
    if not context.minimum_age:
        raise GuardError(
            "The policy has no minimum age.",
            hint="Set minimum-age in [releases] of your policy, or leave the option out.",
        )
    return f"P{context.minimum_age}D"


def allows_newer(value: object, wanted: str) -> bool:
    """Tell whether a setting may allow files that the wanted duration would hold back, as any date may."""
    found, least = (_DAYS.fullmatch(str(text).strip()) for text in (value, wanted))
    return found is None or least is None or int(found["days"]) < int(least["days"])


def unreadable(name: str, place: str, covers: str, error: OSError) -> IntegrationState:
    """Return the state of an integration whose file cannot be read."""
    problem = (f"{error.filename or place} cannot be read: {error.strerror or error}", "Look at that file.")
    return IntegrationState(integration=name, place=place, enabled=False, covers=covers, problems=(problem,))


class Integration(NamedTuple):
    """An integration; its option is ``--`` and its name.

    `plan_enable` and `plan_disable` only return the changes to make, which are none if there is nothing to do, and raise
    `GuardError` where it cannot be done. `states` returns every place where it is enabled, or the one where it could be.
    """

    name: str
    summary: str
    plan_enable: Callable[[GuardRequest, UserContext], tuple[Change, ...]]
    plan_disable: Callable[[GuardRequest, UserContext], tuple[Change, ...]]
    states: Callable[[UserContext], tuple[IntegrationState, ...]]

    @property
    def flag(self) -> str:
        """The option that names this integration."""
        return f"--{self.name}"


def read_user_context(*, index: str | None = None, minimum_age: int = 0) -> UserContext:
    """Describe the user of this process; the policy has the index and the minimum age. Raises `GuardError`."""
    return UserContext(
        environ=dict(os.environ),
        home=Path.home(),
        launcher=find_launcher(),
        as_root=runs_as_root(),
        platform=sys.platform,
        index=index,
        minimum_age=minimum_age,
    )


def find_launcher() -> Path:
    """Return the absolute path of pip-guard's console script. Raises `GuardError` if there is none."""
    for script in _scripts():
        if script.is_file() and os.access(script, os.X_OK):
            return script
    raise GuardError(
        "pip-guard's own command, pip-guard, was not found.",
        hint="Install pip-guard-shim again, for example with pipx.",
    )


def _scripts() -> Iterator[Path]:
    # NOTE: this may be the interpreter of another environment, so the RECORD of the running copy goes first.
    for record in glob.glob(os.path.join(glob.escape(own_folder()), "pip_guard_shim-*.dist-info", "RECORD")):
        with open(record, newline="", encoding="utf-8") as stream:
            for row in csv.reader(stream):
                if row and os.path.basename(row[0]) == _SCRIPT:
                    yield Path(os.path.normpath(os.path.join(own_folder(), row[0])))
    yield Path(sysconfig.get_path("scripts"), _SCRIPT)
