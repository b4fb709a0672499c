"""Refuse to obey files that somebody else can change.

Anybody who can write pip's configuration, its cache, a requirements file or a folder on PATH can make pip install anything.
Files of root and of the user are trusted as long as nobody else can write to them.
"""

from __future__ import annotations

from collections.abc import Iterator

from pip_guard.engine.rule import Rule
from pip_guard.facts.command import FileFacts
from pip_guard.facts.violation import Severity, Violation
from pip_guard.policy.model import Policy


def check(facts: FileFacts, policy: Policy) -> Iterator[Violation]:
    """Find files and folders that others can write, or that belong to another ordinary user."""
    for file in facts.files:
        if file.danger is not None and file.ignored:
            yield Violation(
                message=f"pip-guard does not read {file.path} ({file.role}), which {file.danger}.",
                severity=Severity.WARNING,
                remedy="If it is your project's file, make it yours with chown. Otherwise, work in a folder that is not below it.",
            )
        elif file.danger is not None:
            yield Violation(message=f"pip would obey {file.path} ({file.role}), which {file.danger}.")


RULE = Rule(
    id="writable-configuration",
    summary="a file or folder that pip or pip-guard obeys, which others can write or which belongs to another ordinary user",
    severity=Severity.ERROR,
    remediation="Read it, then make it yours alone with chown and chmod go-w.",
    since="0.1.0",
    facts=(FileFacts,),
    check=check,
    conditions=(),
)
