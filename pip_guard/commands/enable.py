"""Guard more ways of starting pip, or list them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from pip_guard.commands.assembly import effective_policy
from pip_guard.errors import UsageError
from pip_guard.guard_actions import GuardRequest
from pip_guard.integrations.apply import DRY_RUN, chosen_integrations, enable, refuse_arguments, report
from pip_guard.integrations.integration import (
    MINIMUM_AGE,
    Integration,
    IntegrationState,
    UserContext,
    read_user_context,
)
from pip_guard.integrations.registry import load_integrations
from pip_guard.integrations.shell_files import login_shell
from pip_guard.options import OwnOptions
from pip_guard.policy.model import DEFAULT_INDEXES, Policy, parse_locations
from pip_guard.report.text import clean

# What breaks with the minimum age in the configuration of pip or uv.
_AGE_BREAKS = {
    "pip-config": "pip now fails on indexes and lock files without upload times, and pip 26.0 on every install; "
    "an exception to recent-release needs --uploaded-prior-to=P0D as well.",
    "uv-config": "uv now finds nothing on indexes without upload times.",
}


def run(arguments: Sequence[str], request: GuardRequest, own: OwnOptions) -> int:
    """Enable the named integrations, or list all, and return 0. Raises `GuardError`."""
    refuse_arguments("enable", tuple(arguments))
    policy = effective_policy(own)
    # NOTE: a part of a day counts as one, because pip reads whole days only.
    days = -(-policy.releases.minimum_age // timedelta(days=1))
    context = read_user_context(index=_index(policy), minimum_age=days)
    integrations = chosen_integrations(request)
    _refuse_age_alone(integrations, request)
    if not integrations:
        print(clean("\n".join(_overview(context))))
        return 0
    changes = enable(integrations, request, context)
    print(clean(report(changes, request)), end="")
    if changes and not request.has(DRY_RUN):
        print(clean("".join(f"{line}\n" for line in _next_steps(integrations, context, request))), end="")
    return 0


def _refuse_age_alone(integrations: tuple[Integration, ...], request: GuardRequest) -> None:
    if request.has(MINIMUM_AGE) and not any(integration.name in _AGE_BREAKS for integration in integrations):
        raise UsageError(
            "--minimum-age goes with --pip-config or --uv-config.",
            hint="pip-guard guard enable --pip-config --minimum-age",
        )


def _index(policy: Policy) -> str | None:
    approved = policy.indexes.approved
    known = parse_locations(DEFAULT_INDEXES)
    return str(approved[0]) if approved and approved[0] not in known and not approved[0].is_local else None


def _overview(context: UserContext) -> Iterator[str]:
    """Yield the integrations with their states, and the best one for this machine."""
    yield "Choose what to enable; --dry-run shows the changes."
    for integration in load_integrations():
        yield ""
        yield f"{integration.flag}  {integration.summary}"
        for state in integration.states(context):
            yield from _describe(state)
    yield ""
    yield f"Best here: {_recommended(context)}"


def _describe(state: IntegrationState) -> Iterator[str]:
    condition = "not enabled" if not state.enabled else "enabled" if state.works else "enabled, with problems"
    yield f"  {state.place}: {condition}; covers {state.covers}"
    for problem, remedy in state.problems:
        yield f"    {problem}"
        yield f"    {remedy}"


def _recommended(context: UserContext) -> str:
    """Return the command that covers most here; in images, nobody works at a prompt."""
    names = {integration.name for integration in load_integrations()}
    if context.as_root:
        hook = ["--interpreter"] if "interpreter" in names else []
        return " ".join(["pip-guard guard enable --shims /usr/local/bin", *hook])
    return "pip-guard guard enable --shell"


def _next_steps(integrations: tuple[Integration, ...], context: UserContext, request: GuardRequest) -> Iterator[str]:
    """Yield what the user still has to do, and what else is wrong."""
    if any(integration.name == "shell" for integration in integrations):
        shell = request.text("--shell") or login_shell(context)
        now = ". $PROFILE.CurrentUserAllHosts" if shell == "powershell" else f"exec {shell}"
        yield f"Active in new shells. For this one: {now}"
    for integration in integrations:
        if request.has(MINIMUM_AGE) and integration.name in _AGE_BREAKS:
            yield _AGE_BREAKS[integration.name]
        for state in integration.states(context):
            for problem, remedy in state.problems:
                yield f"But {problem}. {remedy}"
