"""Hold the gate of the running command.

pip makes the command objects itself, from a table of names, so what they need cannot be handed to them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager
    from typing import Protocol

    from pip_guard.actions import GuardRequest
    from pip_guard.errors import ExitCode
    from pip_guard.facts.command import CommandOptions
    from pip_guard.facts.origin import Facts
    from pip_guard.facts.resolution import ChosenFile
    from pip_guard.facts.violation import Violation
    from pip_guard.policy.model import Policy

    class GuardSession(Protocol):
        """What the adapter asks of the gate; `pip_guard.engine.session.Gate` is the one there is."""

        @property
        def policy(self) -> Policy:
            """The policy in force."""

        @property
        def all_rules_off(self) -> bool:
            """Tell whether the policy switches every rule off, so that there is nothing to guard."""

        @property
        def refused(self) -> bool:
            """Tell whether anything was refused so far."""

        def judge(self, *facts: Facts) -> bool:
            """Judge facts of one stage together; return whether the command may go on."""

        def tentatively(self) -> AbstractContextManager[None]:
            """Judge what the command can do without: for now, a refusal ends nothing, and nothing is shown or recorded."""

        def judge_command(self, options: CommandOptions, *facts: Facts) -> bool:
            """Judge the options of the command against the environment that it runs in, and other facts with them."""

        def announce(self, command: str) -> None:
            """Say that the command fetches, builds or changes something, so that there will be a record of it."""

        def take(self, files: Iterable[ChosenFile]) -> None:
            """Take note of files; what is said later of the same file counts."""

        def begin(self) -> bool:
            """Record that the command is about to change something; return whether it may go on."""

        def may_build(self, rule: str, project: str) -> bool:
            """Tell whether the policy could let some version of a project pass a rule about builds."""

        def is_excused(self, rule: str, violation: Violation) -> bool:
            """Tell whether the policy excuses a violation that a rule would find."""

        def enforce(self, what: str) -> None:
            """Take note of an option that was set because the promise needs it."""

        def fail(self, error: BaseException) -> None:
            """Refuse because pip-guard itself failed, and so could not decide."""

        def end(self, status: int = 0) -> ExitCode | None:
            """Record and report what was found, once, and return the exit code of a refusal, or None if there was none."""


class _Running:
    """What the running command has been given."""

    def __init__(self) -> None:
        self.make_session: Callable[[], GuardSession] | None = None
        self.session: GuardSession | None = None
        self.guard_command: Callable[[GuardRequest], int] | None = None


_running = _Running()


def set_session(make: Callable[[], GuardSession]) -> None:
    """Say how the gate is made; a command that only reads never asks for it."""
    _running.make_session = make


def get_session() -> GuardSession:
    """Return the gate of the running command."""
    if _running.session is None:
        if _running.make_session is None:
            raise RuntimeError("a guarded command was started without a gate")
        _running.session = _running.make_session()
    return _running.session


def end_command(code: object) -> None:
    """Record and report a command that pip has ended by itself, with what it gives to `sys.exit`."""
    if _running.session is not None:
        _running.session.end(code if isinstance(code, int) else code is not None)


def set_guard_command(run: Callable[[GuardRequest], int]) -> None:
    """Put in place what ``pip guard`` does."""
    _running.guard_command = run


def run_guard_command(request: GuardRequest) -> int:
    """Do what ``pip guard`` was asked to do, and return the exit code."""
    if _running.guard_command is None:
        raise RuntimeError("pip guard was started without its implementation")
    return _running.guard_command(request)
