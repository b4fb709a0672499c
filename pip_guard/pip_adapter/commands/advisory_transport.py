"""Make the session that asks for advisories where no command of pip's runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pip._internal.commands.install import InstallCommand

from pip_guard.pip_adapter.commands.guarded_requirements import GuardedRequirementCommand
from pip_guard.pip_adapter.index.sources import sources_of_options
from pip_guard.pip_adapter.options.origins import OptionOrigins

if TYPE_CHECKING:
    from pip_guard.advisories.interface import Transport


class _InstallCommand(GuardedRequirementCommand, InstallCommand):
    """A command that is not run: it reads pip's options, and makes sessions."""


def make_transport() -> Transport:
    """Make a session with the proxy and the certificates that pip is set to use; no host is exempt from TLS."""
    command = _InstallCommand("install", "")
    command.origins = OptionOrigins(command.parser)
    options, _ = command.parser.parse_args([])
    command.sources = sources_of_options(options, command.origins)
    options.trusted_hosts = []
    return command.open_advisory_session(options)
