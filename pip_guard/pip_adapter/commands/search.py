"""Guard ``pip search``, which asks an index."""

from __future__ import annotations

from pip._internal.commands import search

from pip_guard.pip_adapter.commands.guarded import GuardedCommand


class SearchCommand(GuardedCommand, search.SearchCommand):
    # pip shows a command class's docstring as its help
    __doc__ = search.SearchCommand.__doc__
    reads_only = True
