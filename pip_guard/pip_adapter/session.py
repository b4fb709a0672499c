"""Give the session to the commands that pip makes, and stop pip where the session refuses.

pip makes the command objects itself, from a table of names, so what they need cannot be handed to them.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from pip._internal.exceptions import InstallationError

# NOTE: `pip list` loads this module, and mostly needs nothing more than pip does.
if TYPE_CHECKING:
    from collections.abc import Callable
    from optparse import Values

    from pip_guard.engine.session import GuardSession
    from pip_guard.guard_actions import GuardRequest

PIP_ERROR = 1
OWN_PACKAGE = "pip_guard."


class Refusal(InstallationError):  # noqa: N818 -- it is an answer of the rules, and no error
    """Stop pip because of a finding, which the session holds; it is one of pip's errors, so that pip cleans up as usual."""

    def __init__(self) -> None:
        super().__init__("pip-guard refused to go on")


class _Running:
    """What pip-guard hands to the running command."""

    def __init__(self) -> None:
        self.make_session: Callable[[], GuardSession] | None = None
        self.session: GuardSession | None = None
        self.guard_command: Callable[[GuardRequest], int] | None = None


_running = _Running()


def set_session(make: Callable[[], GuardSession]) -> None:
    """Set the function that makes the session; a command that only reads never calls it."""
    _running.make_session = make


def get_session() -> GuardSession:
    """Return the session of the running command."""
    if _running.session is None:
        if _running.make_session is None:
            raise RuntimeError("a guarded command was started without a session")
        _running.session = _running.make_session()
    return _running.session


class UsesSession:
    """A mixin for pip's commands that gives access to the session of the running command."""

    @property
    def session(self) -> GuardSession:
        """The session of the running command."""
        return get_session()

    def leave_if_refused(self, options: Values | None = None) -> None:
        """End the process if something was refused before pip's own run, which would have opened the file of ``--log``."""
        if self.session.refused:
            if options is not None and options.log is not None:
                from pip._internal.utils.logging import setup_logging

                setup_logging(verbosity=0, no_color=options.no_color, user_log_file=options.log)
            sys.exit(self.session.end())

    def begin(self, options: Values | None = None) -> None:
        """Record that the command is about to change something, unless something was refused; then end the process."""
        self.leave_if_refused(options)
        self.session.begin()
        self.leave_if_refused(options)

    def delegate_to_pip(self) -> None:
        """Turn into pip's own command: from here on, no code of pip-guard runs or appears in tracebacks."""
        self.__class__ = type(self).__bases__[-1]


def respect_colour(options: Values) -> None:
    """Have reports use no colours if pip does not, wherever that is set."""
    if options.no_color:
        os.environ["PIP_NO_COLOR"] = "1"


def are_rules_off() -> bool:
    """Tell whether the policy switches every rule off."""
    return get_session().all_rules_off


def was_raised_here(error: BaseException) -> bool:
    """Tell whether an error was raised in pip-guard itself."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return frame is not None and str(frame.tb_frame.f_globals.get("__name__")).startswith(OWN_PACKAGE)


def end_command(code: object) -> None:
    """Record and report a command that pip ended itself; `code` is the argument of `sys.exit`."""
    if _running.session is not None:
        _running.session.end(code if isinstance(code, int) else code is not None)


def set_guard_command(run: Callable[[GuardRequest], int]) -> None:
    """Set the function that answers ``pip guard``."""
    _running.guard_command = run


def run_guard_command(request: GuardRequest) -> int:
    """Run ``pip guard``, and return the exit code."""
    if _running.guard_command is None:
        raise RuntimeError("pip guard was started without its implementation")
    return _running.guard_command(request)
