"""Define the errors raised where pip-guard cannot decide, and its own exit codes."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of pip-guard; pip's own, which are lower, pass through untouched. 44 to 49 are reserved."""

    REFUSED = 40
    POLICY = 41
    UNSUPPORTED_PIP = 42
    INTERNAL = 43


class GuardError(Exception):
    """Say why nothing could be decided, and what to do about it."""

    exit_code: int = ExitCode.REFUSED

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(GuardError):
    """Say which of pip-guard's own options or arguments is wrong; the exit code is pip's for usage errors."""

    exit_code = 2


class InternalError(GuardError):
    """Report a failure of pip-guard itself, with its traceback."""

    exit_code = ExitCode.INTERNAL

    def __init__(self, trace: str) -> None:
        super().__init__(
            f"pip-guard failed, so nothing was decided:\n{trace.rstrip()}",
            hint="This is a defect of pip-guard. Please report it with the lines above.",
        )


class LockedError(GuardError):
    """Something is not possible because the administrator's policy locks it."""

    def __init__(self, what: str, policy: str) -> None:
        super().__init__(
            f"{what} is not possible here: the administrator's policy {policy} locks this.",
            hint="Ask whoever maintains that file. pip-guard guard policy shows what it locks.",
        )


class PolicyError(GuardError):
    """List every problem of a policy file, each with its key path."""

    exit_code = ExitCode.POLICY

    def __init__(
        self,
        problems: Iterable[str],
        *,
        hint: str = "Correct the file, or name another one with --guard-policy=FILE. No policy is ever skipped.",
    ) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(["The policy cannot be used:", *self.problems]), hint=hint)
