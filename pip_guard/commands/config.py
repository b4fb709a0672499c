"""Show the settings that pip would use, where each comes from, and what the policy makes of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from pip_guard.assembly import describe, effective_policy
from pip_guard.engine import evaluate
from pip_guard.errors import UsageError
from pip_guard.facts import Setting
from pip_guard.guard_request import GuardRequest
from pip_guard.local_time import local_now
from pip_guard.own_options import OwnOptions
from pip_guard.pip_adapter.configuration import OptionSettings, read_configuration
from pip_guard.redaction import redact
from pip_guard.report.text import clean
from pip_guard.rule import Severity, Verdict
from pip_guard.rules import ALL_RULES


class Row(NamedTuple):
    """One setting, and what becomes of it: used, replaced by a later one, overridden by pip-guard, or refused."""

    option: str
    value: str
    origin: str
    state: str
    rules: tuple[str, ...]


def run(arguments: Sequence[str], request: GuardRequest, own: OwnOptions) -> int:
    """Print every setting, and return 0. Raises `PolicyError` and `UsageError`."""
    if arguments:
        raise UsageError("config takes no arguments.", hint="Like this: pip-guard guard config")
    configuration = read_configuration()
    facts = (*describe(own, configuration.command), configuration.sources)
    verdict = evaluate(facts, effective_policy(own), ALL_RULES, local_now().date())
    rows = [row for option in configuration.options for row in _rows(option, verdict)]
    if request.has("--json"):
        print(redact(json.dumps({"schema": 1, "settings": [row._asdict() for row in rows]}, indent=2)))
    else:
        print(clean(_render(rows)))
    return 0


def _rows(option: OptionSettings, verdict: Verdict) -> list[Row]:
    last = len(option.settings) - 1
    return [
        _row(option, setting, verdict, used=option.accumulates or position == last)
        for position, setting in enumerate(option.settings)
    ]


def _row(option: OptionSettings, setting: Setting, verdict: Verdict, *, used: bool) -> Row:
    rules = tuple(
        finding.rule
        for finding in verdict.findings
        if finding.violation.origin == setting.origin and finding.severity is Severity.ERROR
    )
    state = "refused" if rules else "overridden by pip-guard" if option.overridden else "used" if used else "replaced"
    return Row(option=option.name, value=setting.value, origin=setting.origin.text, state=state, rules=rules)


def _render(rows: list[Row]) -> str:
    if not rows:
        return "Nothing is set: pip uses its defaults."
    lines = []
    for row in rows:
        lines.append(f"{row.option} = {row.value}")
        lines.append(f"  {row.origin}")
        lines.append(f"  {row.state}{': ' + ', '.join(row.rules) if row.rules else ''}")
    return "\n".join(lines)
