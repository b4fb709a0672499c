"""Make pip's own command classes pass the gate before they run, while they run and when they end."""

from __future__ import annotations

import sys
from optparse import Values
from typing import TYPE_CHECKING, Any

from pip._internal.cli.base_command import Command
from pip._internal.exceptions import PipError

from pip_guard.backstop import Permits, seal
from pip_guard.facts import ProcessFacts
from pip_guard.pip_adapter.current import get_gate
from pip_guard.pip_adapter.options import command_options
from pip_guard.pip_adapter.origins import OptionOrigins
from pip_guard.pip_adapter.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    # A mixin sees the base class only where types are checked; at run time it stands before one of pip's command classes.
    _Base = Command
else:
    _Base = object

PIP_ERROR = 1
KEYRING_OFF = "disabled"


class NothingPermitted:
    """The permits of a command that never has to start a process."""

    def permits(self, arguments: Sequence[str], working_directory: str | None) -> bool:
        """Permit nothing."""
        return False


class GuardedCommand(_Base):
    """A command that changes an environment: judged on its options, run behind the backstop."""

    origins: OptionOrigins

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.activate()

    def activate(self) -> None:
        """Put in place what must stand before anything of the command runs."""
        seal_against_processes(NothingPermitted())

    def parse_args(self, args: list[str]) -> tuple[Values, list[str]]:
        """Parse as pip does, and judge the very values that pip will use."""
        self.origins = OptionOrigins(self.parser)
        try:
            options, rest = super().parse_args(args)
        except PipError as error:
            # NOTE: pip parses where it catches nothing, and shows a traceback for its own messages.
            sys.stderr.write(f"ERROR: {error}\n")
            sys.exit(PIP_ERROR)
        get_gate().judge_command(command_options(self.name, options, self.origins))
        leave_if_refused()
        self.enforce(options)
        return options, rest

    def enforce(self, options: Values) -> None:
        """Set the options that the promise needs: no program, and no installed module, is asked for passwords."""
        if options.keyring_provider != KEYRING_OFF:
            options.keyring_provider = KEYRING_OFF
            get_gate().enforce(f"keyring-provider={KEYRING_OFF}")

    def run(self, options: Values, args: list[str]) -> int:
        """Run as pip does; a refusal on the way decides the exit code, whatever pip made of it."""
        try:
            status = super().run(options, args)
        except BaseException:
            if not get_gate().refused:
                raise
            status = PIP_ERROR
        return get_gate().end() or status


def leave_if_refused() -> None:
    """End the process here if a stage before pip's own run refused."""
    if get_gate().refused:
        sys.exit(get_gate().end())


def seal_against_processes(permits: Permits) -> None:
    """Start the backstop with exceptions that pip reports as its own."""

    def refuse(program: str) -> Refusal:
        get_gate().judge(ProcessFacts(program=program))
        return Refusal()

    seal(permits, refuse)
