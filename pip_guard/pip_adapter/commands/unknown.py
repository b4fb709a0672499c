"""Refuse a command of pip's that pip-guard does not know: what it fetches, builds or changes is not known either."""

from __future__ import annotations

import importlib
from optparse import Values
from typing import TYPE_CHECKING, Any

from pip._internal.cli.base_command import Command

from pip_guard.facts.start import StartFacts
from pip_guard.pip_adapter.commands.guarded import leave_if_refused
from pip_guard.pip_adapter.current import get_session
from pip_guard.pip_adapter.entry import unknown_commands
from pip_guard.pip_adapter.version import pip_version

if TYPE_CHECKING:
    _Base = Command
else:
    _Base = object


class _UnknownCommand(_Base):
    """A command that came with a newer pip; where the policy lets it pass, it runs as pip has it, unguarded."""

    def parse_args(self, args: list[str]) -> tuple[Values, list[str]]:
        """Refuse before anything of the command is looked at."""
        get_session().announce(self.name)
        get_session().judge(StartFacts(pip_version=pip_version(), unknown_command=self.name))
        leave_if_refused()
        get_session().begin()
        leave_if_refused()
        return super().parse_args(args)


def make_unknown_command(name: str, summary: str, **kwargs: Any) -> Command:
    """Make the command object of a name, for pip, which makes it of whatever its table holds."""
    info = unknown_commands[name]
    original = getattr(importlib.import_module(info.module_path), info.class_name)
    made: Command = type(info.class_name, (_UnknownCommand, original), {"__doc__": original.__doc__})(
        name, summary, **kwargs
    )
    return made
