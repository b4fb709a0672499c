"""Guard ``pip download``."""

from __future__ import annotations

from pip._internal.commands import download

from pip_guard.pip_adapter.commands.guarded_requirements import GuardedRequirementCommand


class DownloadCommand(GuardedRequirementCommand, download.DownloadCommand):
    # pip shows a command class's docstring as its help
    __doc__ = download.DownloadCommand.__doc__
