"""Guard more ways of starting pip, or list them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pip_guard.actions import GuardRequest
from pip_guard.commands.assembly import effective_policy
from pip_guard.integrations.apply import DRY_RUN, chosen_integrations, enable, refuse_arguments, report
from pip_guard.integrations.integration import Integration, IntegrationState, UserContext, read_user_context
from pip_guard.integrations.registry import load_integrations
from pip_guard.integrations.shell_files import login_shell
from pip_guard.options import OwnOptions
from pip_guard.policy.model import DEFAULT_INDEXES, parse_locations
from pip_guard.report.text import clean


def run(arguments: Sequence[str], request: GuardRequest, own: OwnOptions) -> int:
    """Enable the named integrations, or list all, and return 0. Raises `GuardError`."""
    refuse_arguments("enable", tuple(arguments))
    context = read_user_context(index=_index(own))
    integrations = chosen_integrations(request)
    if not integrations:
        print(clean("\n".join(_overview(context))))
        return 0
    changes = enable(integrations, request, context)
    print(clean(report(changes, request)), end="")
    if changes and not request.has(DRY_RUN):
        print(clean("".join(f"{line}\n" for line in _next_steps(integrations, context, request))), end="")
    return 0


def _index(own: OwnOptions) -> str | None:
    approved = effective_policy(own).indexes.approved
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
        for state in integration.states(context):
            for problem, remedy in state.problems:
                yield f"But {problem}. {remedy}"
