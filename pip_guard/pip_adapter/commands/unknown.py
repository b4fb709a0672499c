"""Refuse a command of pip's that pip-guard does not know: what it fetches, builds or changes is not known either."""

from __future__ import annotations

import importlib

from pip._internal.cli.base_command import Command

from pip_guard.facts import StartFacts
from pip_guard.imports import import_as_before
from pip_guard.pip_adapter.current import get_gate
from pip_guard.pip_adapter.guarded import leave_if_refused
from pip_guard.pip_adapter.plugin import UNKNOWN
from pip_guard.pip_adapter.version import pip_version


class UnknownCommand(Command):
    """A command that came with a newer pip."""

    def main(self, args: list[str]) -> int:
        """Refuse before anything of the command is looked at; where the policy lets it pass, it runs unguarded."""
        get_gate().judge(StartFacts(pip_version=pip_version(), unknown_command=self.name))
        leave_if_refused()
        import_as_before()
        info = UNKNOWN[self.name]
        command: Command = getattr(importlib.import_module(info.module_path), info.class_name)(self.name, self.summary)
        return command.main(args)
