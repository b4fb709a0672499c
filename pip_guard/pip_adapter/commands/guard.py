"""Make ``pip guard`` one of pip's commands, with help and completion."""

from __future__ import annotations

from collections.abc import Callable
from optparse import Option, OptionParser, Values
from typing import Any

from pip._internal.cli.base_command import Command

from pip_guard.guard_actions import ACTIONS, OPTIONS, GuardRequest
from pip_guard.pip_adapter.session import respect_colour, run_guard_command


class GuardCommand(Command):
    __doc__ = "\n".join(
        [
            "",
            "Manage pip-guard: status, policy, exceptions, log.",
            "",
            *(f"- {action.name}: {action.summary}" for action in ACTIONS),
        ]
    )

    ignore_require_venv = True
    usage = "".join(
        f"\n      %prog {action.name} {usage}".rstrip() for action in ACTIONS for usage in action.usages or ("",)
    )

    def add_options(self) -> None:
        """Add the options of all actions."""
        for option in OPTIONS:
            kind: dict[str, Any] = {}
            if option.metavar is None:
                kind = {"action": "store_true"}
            elif option.optional:
                kind = {"action": "callback", "callback": take_optional_value, "type": "string", "nargs": 0}
            elif option.choices:
                kind = {"type": "choice", "choices": option.choices}
            self.cmd_opts.add_option(option.flag, dest=option.flag, metavar=option.metavar, help=option.help, **kind)
        self.parser.insert_option_group(0, self.cmd_opts)

    def handler_map(self) -> dict[str, Callable[[Values, list[str]], None]]:
        """Name the actions for completion; `run` does not need what they map to."""
        return dict.fromkeys((action.name for action in ACTIONS), lambda options, args: None)

    def run(self, options: Values, args: list[str]) -> int:
        """Pass the request to the package that answers it."""
        respect_colour(options)
        given = {option.flag: value for option in OPTIONS if (value := getattr(options, option.flag)) is not None}
        return run_guard_command(GuardRequest(arguments=tuple(args), options=given))


def take_optional_value(option: Option, flag: str, value: object, parser: OptionParser) -> None:
    """Use the next argument as the value of an option, unless it is an option itself."""
    if value or parser.values is None:
        return  # a variable or a configuration file of pip's has a setting of the same name
    arguments = parser.rargs or []
    given: str | bool = True
    if arguments and not arguments[0].startswith("-"):
        given = arguments.pop(0)
    setattr(parser.values, str(option.dest), given)
