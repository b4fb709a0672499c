"""Define what a door is: a way into pip that can be led through pip-guard, by changing files that are not ours."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from pip_guard.actions import GuardRequest
from pip_guard.frozen import frozen
from pip_guard.integrations.file_edits import Change


@frozen
class UserContext:
    """Who asks, and where: all that a door may know besides the files that it reads.

    `launcher` is the console script of pip-guard, by its absolute path, and all that doors write names it so: nothing on PATH
    can take its place. `index` is the index that the policy approves first, if it is another one than PyPI.
    """

    environ: Mapping[str, str]
    home: Path
    launcher: Path
    as_root: bool
    platform: str
    index: str | None = None

    def variable(self, name: str) -> str | None:
        """Return the value of an environment variable, or None if it is not set or empty."""
        return self.environ.get(name) or None

    def folder(self, variable: str, default: str) -> Path:
        """Return a folder of the user's; a relative one is to be ignored (XDG Base Directory Specification)."""
        named = self.variable(variable)
        return Path(named) if named and os.path.isabs(named) else self.home / default


@frozen
class IntegrationState:
    """What became of a door at one place: a shell, a folder, a file, an interpreter.

    `covers` says in half a sentence which ways into pip lead through pip-guard there. Each problem is a pair of what is wrong
    and what to do about it; a door that is enabled and has problems is guarded in part at best.
    """

    integration: str
    place: str
    enabled: bool
    covers: str
    files: tuple[Path, ...] = ()
    problems: tuple[tuple[str, str], ...] = ()

    @property
    def works(self) -> bool:
        """Tell whether the door is enabled and nothing is wrong with it."""
        return self.enabled and not self.problems


class Integration(NamedTuple):
    """One door; its option is ``--`` and its name.

    `plan_enable` and `plan_disable` change nothing: they return what to do, which is nothing where it has been done, and
    raise `GuardError` where it cannot be done. `states` returns every place where the door is enabled, or the one place
    where it could be.
    """

    name: str
    summary: str
    plan_enable: Callable[[GuardRequest, UserContext], tuple[Change, ...]]
    plan_disable: Callable[[GuardRequest, UserContext], tuple[Change, ...]]
    states: Callable[[UserContext], tuple[IntegrationState, ...]]

    @property
    def flag(self) -> str:
        """The option that names this door."""
        return f"--{self.name}"
