"""Refuse a wheel that would take the place of somebody else's files.

pip writes over what is there. A wheel that brings a file of another distribution changes that distribution without being it,
and so does one that brings a file which is imported instead.
"""

from __future__ import annotations

from collections.abc import Iterator

from pip_guard.distributions.wheel.importable import imported_as
from pip_guard.engine.messages import name_some
from pip_guard.engine.rule import Rule
from pip_guard.facts.installed import InstalledFacts
from pip_guard.facts.violation import Allow, Severity, Violation
from pip_guard.facts.wheel import ConflictingFile, FileConflict, OwnerKind, WheelFacts
from pip_guard.policy.model import Policy

# Files to name before the rest is counted.
NAMED_FILES = 3
# Folders at the top that wheels bring by mistake, and from which nothing is imported; and those of manuals.
IDLE_FOLDERS = frozenset(
    {"benchmark", "benchmarks", "doc", "docs", "example", "examples", "sample", "samples", "test", "tests"}
)
# Made to be used only where the other project is not installed: https://github.com/pytest-dev/pytest/blob/main/src/py.py.
GIVING_WAY = {("pytest", "py.py")}
NOBODYS = "Find out what it is, and move it away if you need it. If the wheel may replace it, allow it:"
MANUALS = ("share/doc/", "share/licenses/", "share/man/")


def check(facts: WheelFacts | InstalledFacts, policy: Policy) -> Iterator[Violation]:
    """Find files of others that a wheel would write over, or be imported instead of; or that two distributions claim."""
    for conflict in facts.conflicts:
        is_nobodys = conflict.kind is OwnerKind.NOBODY
        files = [file for file in conflict.files if is_nobodys or not _is_idle(file, conflict.owner)]
        if not files:
            continue
        allow = Allow(facts.project, facts.version)
        if isinstance(facts, InstalledFacts):
            yield Violation(
                message=f"{facts.project} {facts.version} {_claim(files[0], conflict.owner)}{_rest(files)}.",
                origin=facts.origin,
                project=facts.project,
                version=facts.version,
                remedy=(
                    "Find out which of the two you need, uninstall both, and reinstall that one. If both are needed, allow it:",
                    allow,
                ),
            )
        else:
            yield Violation(
                message=f"{facts.project} {facts.version} {_deed(files[0], conflict)}{_rest(files)}.",
                origin=facts.origin,
                project=facts.project,
                version=facts.version,
                hashes=frozenset({f"sha256:{facts.sha256}"}),
                remedy=(NOBODYS if is_nobodys else RULE.remediation, allow),
            )


def _claim(file: ConflictingFile, owner: str) -> str:
    if file.path != file.existing:
        return f"brings {file.path}, and {owner} brings {file.existing}, which are imported under one name"
    return f"and {owner} claim {file.path} with different contents"


def _deed(file: ConflictingFile, conflict: FileConflict) -> str:
    if conflict.kind is OwnerKind.NOBODY:
        whose = f"{file.existing}, which belongs to no distribution"
        return f"would {'write over' if file.path == file.existing else f'put {file.path}, which is imported instead of'} {whose}"
    owner = conflict.owner
    if file.path != file.existing:
        return f"would put {file.path}, which is imported instead of {file.existing} of {owner}"
    if conflict.kind is OwnerKind.COMMAND:
        return f"and {owner} would write different contents to {file.path}"
    return f"would write over {file.path} of {owner}"


def _rest(files: list[ConflictingFile]) -> str:
    more = name_some((file.path for file in files[1:]), NAMED_FILES - 1)
    return f", and likewise {more}" if more else ""


def _is_idle(file: ConflictingFile, owner: str) -> bool:
    """Tell whether a file is one that nothing reads while the distribution is used."""
    top, _, rest = file.existing.partition("/")
    if (owner, file.existing) in GIVING_WAY:
        return True
    if not rest and not file.existing.endswith("/"):
        return imported_as(file.existing) is None
    return top in IDLE_FOLDERS or file.existing.startswith(MANUALS)


RULE = Rule(
    id="overwritten-files",
    summary="a wheel that would take the place of files of another distribution, of pip, of pip-guard or of the interpreter",
    severity=Severity.ERROR,
    remediation="Install only one of the two in this environment. If this one may replace the other, allow it:",
    since="0.1.0",
    facts=(WheelFacts, InstalledFacts),
    check=check,
)
