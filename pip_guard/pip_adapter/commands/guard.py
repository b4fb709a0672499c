"""Make ``pip guard`` a command of pip's, with its help and its completion."""

from __future__ import annotations

from collections.abc import Callable
from optparse import Values

from pip._internal.cli.base_command import Command

from pip_guard.guard_request import GuardRequest
from pip_guard.pip_adapter.current import run_guard_command

ACTIONS = ("allow", "config", "explain")


class GuardCommand(Command):
    """
    See and settle what pip-guard refuses.

    - explain: Say what a rule is about, and what to do when it refuses.
    - config: Show every setting of pip's, where it comes from, and what the policy makes of it.
    - allow: Excuse a project, or one version of it, from a rule.
    """

    ignore_require_venv = True
    usage = """
      %prog explain [<rule>]
      %prog config [--json]
      %prog allow <rule> <project>[==<version>] --reason <text> [--expires <date>]"""

    def add_options(self) -> None:
        """Add the options of all actions."""
        self.cmd_opts.add_option(
            "--reason", dest="reason", metavar="text", help="Why the project is excused; it is kept in the policy file."
        )
        self.cmd_opts.add_option(
            "--expires", dest="expires", metavar="date", help="The last day on which it is excused, such as 2027-01-31."
        )
        self.cmd_opts.add_option(
            "--json", dest="json", action="store_true", default=False, help="Show the answer of config as JSON."
        )
        self.parser.insert_option_group(0, self.cmd_opts)

    def handler_map(self) -> dict[str, Callable[[Values, list[str]], None]]:
        """Name the actions for completion; `run` does not need what they map to."""
        return dict.fromkeys(ACTIONS, lambda options, args: None)

    def run(self, options: Values, args: list[str]) -> int:
        """Hand the request over to the package that answers it."""
        return run_guard_command(
            GuardRequest(arguments=tuple(args), reason=options.reason, expires=options.expires, json=options.json)
        )
