"""Answer ``pip guard``: one module an action."""

from __future__ import annotations

from pip_guard.errors import UsageError
from pip_guard.guard_request import GuardRequest
from pip_guard.own_options import OwnOptions


def answer(request: GuardRequest, own: OwnOptions) -> int:
    """Do what ``pip guard`` was asked to do, and return the exit code. Raises `UsageError` and `PolicyError`."""
    from pip_guard.commands import allow, config, explain

    match request.arguments:
        case ("explain", *rules):
            return explain.explain(rules)
        case ("config",):
            return config.show_config(own, as_json=request.json)
        case ("allow", rule, project):
            return allow.allow(rule, project, reason=request.reason, expires=request.expires, policy=own.policy)
        case ("allow", *_):
            raise UsageError("allow needs a rule and a project.", hint=allow.EXAMPLE)
        case _:
            raise UsageError("pip guard needs an action.", hint="See pip-guard help guard.")
