"""Answer ``pip guard``: one module an action, each with `run(arguments, request, own)`."""

from __future__ import annotations

import importlib

from pip_guard.actions import ACTIONS, Action, GuardRequest
from pip_guard.errors import UsageError
from pip_guard.options import OwnOptions


def answer(request: GuardRequest, own: OwnOptions) -> int:
    """Do what ``pip guard`` was asked to do, and return the exit code. Raises `GuardError`."""
    name, *arguments = request.arguments or ("",)
    action = next((action for action in ACTIONS if action.name == name), None)
    if action is None:
        raise UsageError(
            f"There is no action {name}." if name else "pip guard needs an action.",
            hint=f"The actions are {', '.join(action.name for action in ACTIONS)}; see pip-guard help guard.",
        )
    stray = [flag for flag in request.options if flag not in action.options]
    if stray:
        raise UsageError(f"pip guard {name} has no option {stray[0]}.", hint=_usages(action))
    code: int = importlib.import_module(f"{__name__}.{name}").run(tuple(arguments), request, own)
    return code


def _usages(action: Action) -> str:
    return "\n".join(f"pip-guard guard {action.name} {usage}".rstrip() for usage in action.usages)
