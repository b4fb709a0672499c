"""Put the policy, the environment, the rules and the report of one command together."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from pip_guard.engine.session import GuardSession
from pip_guard.environment.destination import describe_command
from pip_guard.environment.ownership import describe_files
from pip_guard.errors import GuardError, LockedError, UsageError
from pip_guard.frozen import replace
from pip_guard.names.normalize import PROJECT, normalize_name
from pip_guard.options import split_own_options
from pip_guard.policy.exceptions import PolicyException
from pip_guard.policy.files import check_rule, find_policy, load_merged, load_policy, user_policy_path
from pip_guard.policy.model import Mode, Policy
from pip_guard.rules import ALL_RULES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pip_guard.engine.session import Journal, Report
    from pip_guard.facts.command import CommandOptions
    from pip_guard.facts.origin import Facts
    from pip_guard.options import OwnOptions

SEVERITIES = {rule.id: rule.severity for rule in ALL_RULES}
RULE_IDS = tuple(SEVERITIES)


def make_session(own: OwnOptions, arguments: Sequence[str] = ()) -> GuardSession:
    """Make the gate of one command; `arguments` are its command line, as the journal shows it."""
    return GuardSession(
        rules=ALL_RULES,
        load_policy=lambda: effective_policy(own),
        describe=lambda options: describe(own, options),
        report=make_report(own.format),
        open_journal=lambda policy: open_journal(policy, arguments),
    )


def make_report(output_format: str) -> Report:
    """Make the report for people or for programs."""
    if output_format == "json":
        from pip_guard.report.json import JsonReport

        return JsonReport()
    from pip_guard.report.text import TextReport

    return TextReport()


def open_journal(policy: Policy, arguments: Sequence[str]) -> Journal | None:
    """Return the journal for one command, or None if the policy wants none."""
    from pip_guard.journal.writer import open_journal

    return open_journal(policy, arguments)


def record_error(error: GuardError, arguments: Sequence[str]) -> None:
    """Record an error that kept pip-guard from deciding anything, if a policy says where; wrong usage is none."""
    try:
        own, _ = split_own_options(arguments)
        policy = load_policy(own.policy, os.environ, SEVERITIES)
    except GuardError:
        return
    if not isinstance(error, UsageError) and policy.journal.enabled:
        from pip_guard.journal.process import read_process_info
        from pip_guard.journal.writer import CommandJournal

        # Why it cannot be written would be one message too many: the error has been shown, and nothing was done.
        with contextlib.suppress(GuardError):
            CommandJournal(policy, read_process_info(arguments)).fail(error.message, error.exit_code)


def effective_policy(own: OwnOptions) -> Policy:
    """Return the policy in force, with what is asked for this command alone.

    Raises `PolicyError`, `UsageError`, and `LockedError` for what the administrator's policy settles.
    """
    merged = load_merged(own.policy, os.environ, SEVERITIES)
    policy = Policy() if merged is None else merged.policy
    lock = None if merged is None else merged.lock
    if own.observe and not policy.observes:
        if lock is not None:
            raise LockedError("--guard-observe", lock.source)
        policy = replace(policy, mode=Mode.OBSERVE)
    once = []
    for rule, project in own.allow:
        check_rule(rule, RULE_IDS)
        if lock is not None and merged is not None and rule in merged.locked:
            raise LockedError(f"--guard-allow={rule}", lock.source)
        once.append(
            PolicyException(
                rule=rule,
                project=None if project is None else _check_project(rule, project),
                reason="allowed once, on the command line",
                once=True,
            )
        )
    path = find_policy(own.policy, os.environ) or user_policy_path()
    return replace(policy, exceptions=(*policy.exceptions, *once), path=str(path))


def _check_project(rule: str, project: str) -> str:
    """Return the (normalised) project, or pattern of names, that ``--guard-allow`` names. Raises `UsageError` if it excuses nothing."""
    from pip_guard.policy.project_independent import PROJECT_INDEPENDENT

    option = f"--guard-allow={rule}:{project}"
    if rule in PROJECT_INDEPENDENT:
        raise UsageError(
            f"{option}: {rule} is about no project, so that this would excuse nothing.",
            hint=f"To excuse this command from the rule: --guard-allow={rule}",
        )
    name = normalize_name(project)
    if not PROJECT.fullmatch(name):
        raise UsageError(
            f"{option}: what follows the colon is not the name of a project.",
            hint="To excuse one version, or one file, write an exception into the policy: pip-guard guard allow --help",
        )
    return name


def describe(own: OwnOptions, options: CommandOptions) -> tuple[Facts, ...]:
    """Describe the environment of a command, and the files that it obeys."""
    policy_file = find_policy(own.policy, os.environ)
    policy = () if policy_file is None else ((str(policy_file), "policy"),)
    files = describe_files((*options.files, *policy))
    return (files,) if options.reads_only else (describe_command(options), files)
