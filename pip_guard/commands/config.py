"""Show the settings that pip would use, the source of each, and whether the policy refuses it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from pip_guard.commands.assembly import describe, effective_policy
from pip_guard.engine.evaluate import RuleIndex, evaluate
from pip_guard.engine.rule import Finding
from pip_guard.environment.clock import local_now
from pip_guard.environment.relaunch import is_this_interpreter
from pip_guard.facts.command import FileFacts
from pip_guard.facts.origin import Facts
from pip_guard.facts.start import StartFacts
from pip_guard.facts.violation import Severity
from pip_guard.guard_actions import GuardRequest
from pip_guard.options import OwnOptions
from pip_guard.pip_adapter.commands.settings import Effect, SetOption, read_configuration
from pip_guard.report.text import clean
from pip_guard.rules import ALL_RULES
from pip_guard.urls.redaction import redact


class Row(NamedTuple):
    """One setting and its state: used, replaced by a later one, overridden by pip-guard, or refused."""

    option: str
    value: str
    origin: str
    kind: str
    file: str | None
    state: str
    rules: tuple[str, ...]


def run(arguments: Sequence[str], request: GuardRequest, own: OwnOptions) -> int:
    """Print every setting of a command, and return 0. Raises `PolicyError` and `UsageError`."""
    configuration = read_configuration(arguments)
    policy, book, today = effective_policy(own), RuleIndex(ALL_RULES), local_now().date()

    def judge(facts: Iterable[Facts]) -> tuple[Finding, ...]:
        findings = evaluate(facts, policy, book, today).findings
        return tuple(finding for finding in findings if finding.severity is Severity.ERROR)

    around = describe(configuration.command, policy)
    rows = [_row(option, around, judge) for option in configuration.options]
    if request.has("--json"):
        print(redact(json.dumps({"schema": 1, "settings": [row._asdict() for row in rows]}, indent=2)))
    else:
        print(clean(_render(rows)))
    return 0


def _row(option: SetOption, around: Iterable[Facts], judge: Callable[[Iterable[Facts]], tuple[Finding, ...]]) -> Row:
    setting, state = option.setting, option.effect.value
    found = [*judge(option.facts), *judge(_of_interpreter(option)), *judge(_of_file(option, around))]
    if option.effect is Effect.USED:
        found += [finding for finding in judge(around) if finding.violation.origin == setting.origin]
    rules = tuple(dict.fromkeys(finding.rule for finding in found))
    return Row(
        option=option.name,
        value=setting.value,
        origin=setting.origin.text,
        kind=setting.origin.kind.value,
        file=option.file,
        state="refused" if rules else state,
        rules=rules,
    )


def _of_interpreter(option: SetOption) -> Iterable[Facts]:
    """Describe the interpreter in which pip would run itself."""
    if option.name == "python" and option.effect is Effect.USED and not is_this_interpreter(option.setting.value):
        yield StartFacts(interpreter_setting=option.setting)


def _of_file(option: SetOption, around: Iterable[Facts]) -> Iterable[Facts]:
    """Describe the file of a setting and the file that it names, if others can change them."""
    for facts in around:
        if isinstance(facts, FileFacts):
            named = {option.file, option.setting.value}
            yield FileFacts(files=tuple(file for file in facts.files if file.path in named))


def _render(rows: list[Row]) -> str:
    if not rows:
        return "Nothing is set: pip uses its defaults."
    lines = []
    for row in rows:
        lines.append(f"{row.option} = {row.value}" if row.value else row.option)
        lines.append(f"  {row.origin}")
        lines.append(f"  {row.state}{': ' + ', '.join(row.rules) if row.rules else ''}")
    return "\n".join(lines)
