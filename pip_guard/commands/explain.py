"""Say what rules are about, offline."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

from pip_guard.commands.assembly import find_rule
from pip_guard.engine.rule import AnyRule
from pip_guard.guard_actions import GuardRequest
from pip_guard.options import OwnOptions
from pip_guard.report.text import docs_url
from pip_guard.rules import ALL_RULES


def run(names: Sequence[str], request: GuardRequest, own: OwnOptions) -> int:
    """Print the explanation of each named rule, or the list of all rules. Raises `UsageError`."""
    if not names:
        width = max(len(rule.id) for rule in ALL_RULES)
        for rule in ALL_RULES:
            print(f"{rule.id:{width}}  {rule.severity.value:7}  {rule.summary}")
        return 0
    print("\n\n".join(map(explanation, map(find_rule, names))))
    return 0


def explanation(rule: AnyRule) -> str:
    """Return the docstring of a rule's module, and what to do when the rule refuses."""
    module = importlib.import_module(rule.check.__module__)
    return "\n".join(
        [
            f"{rule.id} ({rule.severity.value} unless the policy says otherwise, since {rule.since})",
            "",
            (module.__doc__ or "").strip(),
            "",
            f"What is bad: {rule.summary}.",
            "",
            f"What to do: {rule.remediation}",
            "",
            f"Docs: {docs_url(rule.id)}",
        ]
    )
