"""Undo what `enable` has changed."""

from __future__ import annotations

from collections.abc import Sequence

from pip_guard.errors import UsageError
from pip_guard.guard_actions import GuardRequest
from pip_guard.integrations.apply import chosen_integrations, disable, refuse_arguments, report
from pip_guard.integrations.integration import UserContext, read_user_context
from pip_guard.integrations.registry import load_integration, load_integrations
from pip_guard.options import OwnOptions
from pip_guard.report.text import clean


def run(arguments: Sequence[str], request: GuardRequest, own: OwnOptions) -> int:
    """Disable the named integrations, and return 0. Raises `GuardError`."""
    refuse_arguments("disable", tuple(arguments))
    integrations = chosen_integrations(request)
    if not integrations:
        flags = ", ".join(integration.flag for integration in load_integrations())
        raise UsageError("Say what to disable.", hint=f"Name one or more of {flags}; --dry-run shows the changes.")
    context = read_user_context()
    before = _enabled_shells(context)
    changes = disable(integrations, request, context)
    print(clean(report(changes, request)), end="")
    gone = [shell for shell in before if shell not in _enabled_shells(context)]
    if gone:
        print(f"Disabled for {', '.join(gone)}. Shells that are open, such as this one, keep it until they are closed.")
    return 0


def _enabled_shells(context: UserContext) -> list[str]:
    return [state.place for state in load_integration("shell").states(context) if state.enabled]
