"""Guard ``pip index``, which asks an index."""

from __future__ import annotations

from pip._internal.commands import index

from pip_guard.pip_adapter.commands.guarded import GuardedCommand


class IndexCommand(GuardedCommand, index.IndexCommand):
    # pip shows a command class's docstring as its help
    __doc__ = index.IndexCommand.__doc__
    reads_only = True
