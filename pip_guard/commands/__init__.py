"""Implement ``pip guard``: one module per action, each with `run(arguments, request, own)`."""

from __future__ import annotations

import importlib

from pip_guard.errors import GuardError, UsageError
from pip_guard.guard_actions import ACTIONS, Action, GuardRequest
from pip_guard.options import OwnOptions


def answer_or_explain(request: GuardRequest, own: OwnOptions) -> int:
    """Run the action, or show why it cannot run; return the exit code."""
    try:
        return answer(request, own)
    except GuardError as error:
        from pip_guard.report.error import show_error

        return show_error(error, as_json=own.format == "json", of_action=True)


def answer(request: GuardRequest, own: OwnOptions) -> int:
    """Run the action, or list all of them where none is named; returns the exit code. Raises `GuardError`."""
    if not request.arguments:
        print(_overview())
        return 0
    name, *arguments = request.arguments
    action = next((action for action in ACTIONS if action.name == name), None)
    if action is None:
        raise UsageError(
            f"There is no action {name}.",
            hint=f"The actions are {', '.join(action.name for action in ACTIONS)}; see pip-guard help guard.",
        )
    unknown = [flag for flag in request.options if flag not in action.options]
    if unknown:
        raise UsageError(f"pip guard {name} has no option {unknown[0]}.", hint=_usages(action))
    code: int = importlib.import_module(f"{__name__}.{name}").run(tuple(arguments), request, own)
    return code


def _overview() -> str:
    width = max(len(action.name) for action in ACTIONS)
    lines = (f"  {action.name:{width}}  {action.summary}" for action in ACTIONS)
    return "\n".join(["pip-guard guard ACTION", "", *lines, "", "Options of each: pip-guard help guard"])


def _usages(action: Action) -> str:
    return "\n".join(f"pip-guard guard {action.name} {usage}".rstrip() for usage in action.usages)
