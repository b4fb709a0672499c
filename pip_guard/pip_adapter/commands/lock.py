"""Guard ``pip lock``."""

from __future__ import annotations

from pip._internal.commands import lock

from pip_guard.pip_adapter.commands.guarded_requirements import GuardedRequirementCommand


class LockCommand(GuardedRequirementCommand, lock.LockCommand):
    # pip shows a command class's docstring as its help
    __doc__ = lock.LockCommand.__doc__
    begins_at_once = True
