"""Make the guarded commands that replace pip's own: subclasses of these.

pip looks up the module and the name of each command in a table, and makes the command by calling what it finds there.
"""

from __future__ import annotations

import importlib
from optparse import Values
from typing import TYPE_CHECKING, Any

from pip._internal.cli.base_command import Command

from pip_guard.pip_adapter.commands.guarded import GuardedCommand
from pip_guard.pip_adapter.entry import replaced_commands
from pip_guard.pip_adapter.session import UsesSession

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pip._internal.commands import list as pip_list
    from pip._internal.commands.list import _DistWithLatestInfo
    from pip._internal.index.package_finder import PackageFinder
    from pip._internal.network.session import PipSession

    class _Base(Command):
        """The base class as type checkers see it."""

else:
    _Base = object


class UnknownCommand(UsesSession, _Base):
    """A command that only a newer pip has: what it fetches, builds or changes is unknown. If the policy allows it, it runs unguarded."""

    def parse_args(self, args: list[str]) -> tuple[Values, list[str]]:
        """Refuse the command before its arguments are parsed."""
        from pip_guard.facts.start import StartFacts
        from pip_guard.pip_adapter.version import pip_version

        if self.session.all_rules_off:
            self.delegate_to_pip()
            return self.parse_args(args)
        self.session.announce(self.name)
        self.session.judge(StartFacts(pip_version=pip_version(), unknown_command=self.name))
        self.begin()
        return super().parse_args(args)


class AskingCommand(GuardedCommand):
    """A command that asks an index, and changes nothing."""

    reads_only = True


if TYPE_CHECKING:

    class _ListBase(AskingCommand, pip_list.ListCommand):
        """The base class as type checkers see it."""

else:
    _ListBase = AskingCommand


class ListCommand(_ListBase):
    """``pip list``, which asks an index only with some options."""

    def is_guarded(self, options: Values) -> bool:
        """Tell whether the list needs an index."""
        return bool(options.outdated or options.uptodate)

    def _build_package_finder(self, options: Values, session: PipSession) -> PackageFinder:
        self._finder = super()._build_package_finder(options, session)
        return self._finder

    def get_outdated(self, packages: Sequence[_DistWithLatestInfo], options: Values) -> Sequence[_DistWithLatestInfo]:
        """List as pip does, and say which of the latest releases the minimum age holds back."""
        from pip_guard.pip_adapter.resolution.held_back import held_back_updates

        outdated = super().get_outdated(packages, options)
        for release in held_back_updates(outdated, self._finder, self.session):
            self.session.hold_back(release, quiet=options.quiet > 0)
        return outdated


# The commands of which nothing is judged after their options, so that they are about to change something when they start.
BEGINNING_AT_ONCE = frozenset({"lock", "uninstall"})


def make_command(name: str, summary: str, **options: Any) -> Command:
    """Make the guarded command of a name, as a subclass of pip's own."""
    info = replaced_commands[name]
    original = getattr(importlib.import_module(info.module_path), info.class_name)
    members = {"__doc__": original.__doc__, "begins_at_once": name in BEGINNING_AT_ONCE}
    command: Command = type(info.class_name, (_guard(name), original), members)(name, summary, **options)
    return command


def _guard(name: str) -> type:
    """Return the class that guards a command; what resolves requirements is only loaded where it is needed."""
    match name:
        case "list":
            return ListCommand
        case "index" | "search":
            return AskingCommand
        case "uninstall":
            return GuardedCommand
        case "config":
            from pip_guard.pip_adapter.commands.config import GuardedConfigurationCommand

            return GuardedConfigurationCommand
        case "install" | "download" | "lock" | "wheel":
            from pip_guard.pip_adapter.commands.guarded_requirements import GuardedRequirementCommand

            return GuardedRequirementCommand
        case _:
            return UnknownCommand
