"""Test the warning of what was taken back or given up."""

from __future__ import annotations

import pytest

from pip_guard.facts.resolution import ProjectStatus, StatusFacts
from pip_guard.facts.violation import Allow, Remedy, Violation
from pip_guard.policy.model import Policy
from pip_guard.rules.yanked_release import RULE
from tests.unit.factories import REQUIREMENTS

HASHES = frozenset({"sha256:" + "a" * 64})


def facts(status: ProjectStatus = ProjectStatus.ACTIVE, *, reason: str = "", yanked: str | None = None) -> StatusFacts:
    return StatusFacts(
        project="demo",
        version="1.0",
        origin=REQUIREMENTS,
        status=status,
        reason=reason,
        yanked=yanked,
        hashes=HASHES,
    )


ANOTHER = ("Ask for another version. If you need this one, allow it:", Allow("demo", "1.0"))
REPLACED = ("Look for a project that replaces it. If you still need this one, allow it:", Allow("demo"))


def warning(message: str, remedy: Remedy = ANOTHER) -> Violation:
    return Violation(message=message, origin=REQUIREMENTS, project="demo", version="1.0", hashes=HASHES, remedy=remedy)


ARCHIVED = "demo is archived: no more releases are expected{}."
DEPRECATED = "demo is deprecated: its maintainers advise against it{}."


@pytest.mark.parametrize(
    ("facts", "violations"),
    [
        pytest.param(facts(), [], id="active"),
        pytest.param(facts(ProjectStatus.QUARANTINED), [], id="quarantined"),
        pytest.param(facts(yanked=""), [warning("pip would take demo 1.0, which was yanked.")], id="yanked"),
        pytest.param(
            facts(yanked="broken on 3.11."),
            [warning("pip would take demo 1.0, which was yanked (broken on 3.11).")],
            id="yanked-for-a-reason",
        ),
        pytest.param(facts(ProjectStatus.ARCHIVED), [warning(ARCHIVED.format(""), REPLACED)], id="archived"),
        pytest.param(
            facts(ProjectStatus.DEPRECATED, reason="use demo2"),
            [warning(DEPRECATED.format(" (use demo2)"), REPLACED)],
            id="deprecated-for-a-reason",
        ),
        pytest.param(
            facts(ProjectStatus.ARCHIVED, yanked=""),
            [warning("pip would take demo 1.0, which was yanked."), warning(ARCHIVED.format(""), REPLACED)],
            id="yanked-and-archived",
        ),
    ],
)
def test_warns_of_what_was_taken_back_or_given_up(facts: StatusFacts, violations: list[Violation]) -> None:
    assert list(RULE.check(facts, Policy())) == violations
