"""Put together the policy, the environment, the rules and the report of one command."""

from __future__ import annotations

import contextlib
import os
from functools import partial
from typing import TYPE_CHECKING

from pip_guard.engine.session import GuardSession
from pip_guard.environment.authorities import find_distrusted
from pip_guard.environment.destination import describe_command
from pip_guard.environment.permissions import describe_files
from pip_guard.errors import GuardError, InternalError, LockedError, UsageError
from pip_guard.facts.command import BundleFacts, TrustedFile
from pip_guard.facts.start import StartFacts
from pip_guard.frozen import replace
from pip_guard.options import split_own_options, wants_json
from pip_guard.policy.exceptions import allow_once
from pip_guard.policy.files import load_policy, user_policy_path
from pip_guard.policy.known_rules import KnownRules
from pip_guard.policy.model import Mode, Policy
from pip_guard.rules import ALL_RULES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pip_guard.engine.rule import AnyRule
    from pip_guard.engine.session import Journal, Report
    from pip_guard.facts.command import CommandOptions
    from pip_guard.facts.origin import Facts
    from pip_guard.options import OwnOptions

KNOWN_RULES = KnownRules(
    severities={rule.id: rule.severity for rule in ALL_RULES},
    project_independent=frozenset(rule.id for rule in ALL_RULES if not rule.conditions),
)


def find_rule(name: str) -> AnyRule:
    """Return the rule of a name. Raises `UsageError`."""
    for rule in ALL_RULES:
        if rule.id == name:
            return rule
    raise UsageError(f"There is no rule {name}.", hint=f"The rules are {', '.join(KNOWN_RULES.ids)}.")


def make_session(own: OwnOptions, arguments: Sequence[str] = ()) -> GuardSession:
    """Make the session of one command; `arguments` are its command line, as the journal shows it."""
    return GuardSession(
        rules=ALL_RULES,
        load_policy=partial(effective_policy, own),
        describe=describe,
        report=make_report(own.format),
        open_journal=partial(open_journal, arguments),
    )


def refuse_start(session: GuardSession, facts: Mapping[str, object]) -> int | None:
    """Judge what was found before pip runs, by the fields of `StartFacts`; return the exit code if it is refused."""
    return None if session.judge(StartFacts(**facts)) else session.end()  # type: ignore[arg-type]


def make_report(output_format: str) -> Report:
    """Make the report for people or for programs."""
    if output_format == "json":
        from pip_guard.report.json import JsonReport

        return JsonReport()
    from pip_guard.report.text import TextReport

    return TextReport()


def open_journal(arguments: Sequence[str], policy: Policy) -> Journal | None:
    """Return the journal for one command, or None if the policy wants none, or for the self-test of `status`."""
    if _is_self_test(arguments):
        return None
    from pip_guard.journal.writer import open_journal

    return open_journal(policy, arguments)


def _is_self_test(arguments: Sequence[str]) -> bool:
    # NOTE: a cheap test first, so that the module is rarely loaded.
    if not arguments or "pip-guard-self-test" not in arguments[-1]:
        return False
    from pip_guard.integrations.survey.self_test import is_self_test

    return is_self_test(arguments)


def fail(error: Exception, arguments: Sequence[str]) -> int:
    """Show and record an error because of which pip-guard could not decide; returns the exit code."""
    from pip_guard.report.error import show_error

    if not isinstance(error, GuardError):
        import traceback

        error = InternalError("".join(traceback.format_exception(error)))
    code = show_error(error, as_json=wants_json(arguments))
    record_error(error, arguments)
    return code


def record_error(error: GuardError, arguments: Sequence[str]) -> None:
    """Record such an error, unless it is a usage error, or no policy can be read that says where."""
    try:
        own, _ = split_own_options(arguments)
        policy = load_policy(own.policy, os.environ, KNOWN_RULES).policy
    except GuardError:
        return
    if not isinstance(error, UsageError) and policy.journal.enabled and not _is_self_test(arguments):
        from pip_guard.journal.process import read_process_info
        from pip_guard.journal.writer import CommandJournal

        # Why it cannot be written would be one message too many: the error has been shown, and nothing was done.
        with contextlib.suppress(GuardError):
            CommandJournal(policy, read_process_info(arguments)).fail(error.message, error.exit_code)


def effective_policy(own: OwnOptions) -> Policy:
    """Return the policy in force, with the options of this command applied.

    Raises `PolicyError`, `UsageError`, and `LockedError` for what the administrator's policy locks.
    """
    loaded = load_policy(own.policy, os.environ, KNOWN_RULES)
    policy, lock = loaded.policy, loaded.lock
    if own.observe and not policy.observes:
        if lock is not None:
            raise LockedError("--guard-observe", lock.source)
        policy = replace(policy, mode=Mode.OBSERVE)
    once = []
    for rule, project in own.allow:
        once.append(allow_once(rule, project, KNOWN_RULES))
        if lock is not None and loaded.locks(rule):
            raise LockedError(f"--guard-allow={rule}", lock.source)
    path = loaded.user_file or user_policy_path()
    return replace(policy, exceptions=(*policy.exceptions, *once), path=str(path))


def describe(options: CommandOptions, policy: Policy) -> tuple[Facts, ...]:
    """Describe the environment of a command, and the files that decide what it does."""
    path = policy.path
    policy_file = () if path is None or not os.path.lexists(path) else ((path, "policy"),)
    files = describe_files((*options.files, *policy_file))
    passed_over = (
        TrustedFile(path=file, role="project's policy", danger=reason, ignored=True)
        for file, reason in policy.passed_over
    )
    files = replace(files, files=(*files.files, *passed_over))
    bundles = tuple(find_distrusted(options.bundles))
    described = (files, BundleFacts(bundles=bundles)) if bundles else (files,)
    return described if options.reads_only else (describe_command(options), *described)
