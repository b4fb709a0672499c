"""Guard ``pip list``, which asks an index."""

from __future__ import annotations

from optparse import Values

from pip._internal.commands import list as pip_list

from pip_guard.pip_adapter.commands.guarded import GuardedCommand


class ListCommand(GuardedCommand, pip_list.ListCommand):
    # pip shows a command class's docstring as its help
    __doc__ = pip_list.ListCommand.__doc__
    reads_only = True

    def is_guarded(self, options: Values) -> bool:
        """Tell whether the list needs an index, for which versions there are."""
        return bool(options.outdated or options.uptodate)
