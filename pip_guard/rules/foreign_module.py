"""Refuse to run somebody else's code as pip.

Python imports the first `pip` that it finds. A file of that name in the working directory or on PYTHONPATH would run instead,
before anything can be checked, and so would an interpreter that PIP_PYTHON or a configuration file tells pip to restart with.
"""

from __future__ import annotations

from collections.abc import Iterator

from pip_guard.engine.rule import Rule
from pip_guard.facts.start import StartFacts
from pip_guard.facts.violation import Run, Severity, Violation
from pip_guard.policy.model import Policy


def check(facts: StartFacts, policy: Policy) -> Iterator[Violation]:
    """Find modules from foreign folders, and a setting that replaces the interpreter."""
    for module in facts.modules:
        if module.foreign is not None:
            what = "ran before pip-guard," if module.ran else "would be imported"
            yield Violation(message=f"{module.name} {what} from {module.path}, in a folder {module.foreign}.")
    if facts.interpreter_setting is not None:
        setting = facts.interpreter_setting
        yield Violation(
            message=f"pip would run itself with {setting.value} instead of this interpreter.",
            origin=setting.origin,
            remedy=(
                "Remove the setting, or name the interpreter on the command line:",
                Run(("--python", setting.value, "...")),
            ),
        )


RULE = Rule(
    id="foreign-module",
    summary="pip, packaging or platformdirs imported from the working directory or PYTHONPATH, or run by another interpreter that a setting names",
    severity=Severity.ERROR,
    remediation="Remove the folder from PYTHONPATH, or the file from the folder, and find out what put it there.",
    since="0.1.0",
    facts=(StartFacts,),
    check=check,
    conditions=(),
)
