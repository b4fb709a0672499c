"""Refuse a command of pip's that pip-guard does not know: what it fetches, builds or changes is not known either."""

from __future__ import annotations

from optparse import Values

from pip._internal.cli.base_command import Command

from pip_guard.facts import StartFacts
from pip_guard.pip_adapter.current import get_gate
from pip_guard.pip_adapter.guarded import leave_if_refused
from pip_guard.pip_adapter.version import pip_version


class UnknownCommand(Command):
    """A command that came with a newer pip."""

    def parse_args(self, args: list[str]) -> tuple[Values, list[str]]:
        """Refuse before anything of the command is looked at."""
        get_gate().announce(self.name)
        get_gate().judge(StartFacts(pip_version=pip_version(), unknown_command=self.name))
        leave_if_refused()
        get_gate().begin()
        leave_if_refused()
        return super().parse_args(args)  # the policy lets it pass, unguarded
