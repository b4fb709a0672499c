"""Put the policy, the environment, the rules and the report of one command together."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pip_guard.environment import describe_command
from pip_guard.frozen import replace
from pip_guard.gate import Gate
from pip_guard.names import normalize_name
from pip_guard.ownership import describe_files
from pip_guard.policy import Allowance, Policy
from pip_guard.policy_file import check_rule, find_policy, load_policy
from pip_guard.rules import ALL_RULES

if TYPE_CHECKING:
    from pip_guard.facts import CommandOptions, Facts
    from pip_guard.gate import Report
    from pip_guard.own_options import OwnOptions

RULE_IDS = tuple(rule.id for rule in ALL_RULES)


def make_gate(own: OwnOptions) -> Gate:
    """Make the gate of one command."""
    return Gate(
        rules=ALL_RULES,
        load_policy=lambda: effective_policy(own),
        describe=lambda options: describe(own, options),
        report=make_report(own.format),
    )


def make_report(output_format: str) -> Report:
    """Make the report for people or for programs."""
    if output_format == "json":
        from pip_guard.report.json import JsonReport

        return JsonReport()
    from pip_guard.report.text import TextReport

    return TextReport()


def effective_policy(own: OwnOptions) -> Policy:
    """Return the policy in force, with what is allowed for this command alone. Raises `PolicyError` and `UsageError`."""
    policy = load_policy(own.policy, os.environ, RULE_IDS)
    once = tuple(
        Allowance(
            rule=check_rule(rule, RULE_IDS),
            project=None if project is None else normalize_name(project),
            reason="allowed once, on the command line",
        )
        for rule, project in own.allow
    )
    return replace(policy, allowances=(*policy.allowances, *once))


def describe(own: OwnOptions, options: CommandOptions) -> tuple[Facts, ...]:
    """Describe the environment of a command, and the files that it obeys."""
    policy_file = find_policy(own.policy, os.environ)
    policy = () if policy_file is None else ((str(policy_file), "policy"),)
    files = describe_files((*options.files, *policy))
    return (files,) if options.reads_only else (describe_command(options), files)
