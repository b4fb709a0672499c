"""Guard ``pip uninstall``."""

from __future__ import annotations

from pip._internal.commands import uninstall

from pip_guard.pip_adapter.commands.guarded import GuardedCommand


class UninstallCommand(GuardedCommand, uninstall.UninstallCommand):
    # pip shows a command class's docstring as its help
    __doc__ = uninstall.UninstallCommand.__doc__
    begins_at_once = True
