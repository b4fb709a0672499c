"""Guard ``pip wheel``."""

from __future__ import annotations

from pip._internal.commands import wheel

from pip_guard.pip_adapter.commands.guarded_requirements import GuardedRequirementCommand


class WheelCommand(GuardedRequirementCommand, wheel.WheelCommand):
    # pip shows a command class's docstring as its help
    __doc__ = wheel.WheelCommand.__doc__
