"""Guard ``pip install``."""

from __future__ import annotations

from pip._internal.commands import install

from pip_guard.pip_adapter.commands.guarded_requirements import GuardedRequirementCommand


class InstallCommand(GuardedRequirementCommand, install.InstallCommand):
    # pip shows a command class's docstring as its help
    __doc__ = install.InstallCommand.__doc__
