"""Warn of a project that its index has not had for long.

Language models invent names of projects, people mistype them, and whoever registers such a name first only has to wait. No list of
popular names knows the invented ones, but they have in common that nothing was ever released under them before.

https://arxiv.org/abs/2406.10279 counted the names that sixteen models invent: a fifth of all the packages that they suggest.
"""

from __future__ import annotations

from collections.abc import Iterator

from pip_guard.engine.rule import Rule
from pip_guard.facts.resolution import ProjectHistoryFacts
from pip_guard.facts.violation import Allow, Severity, Violation
from pip_guard.policy.model import Policy


def check(facts: ProjectHistoryFacts, policy: Policy) -> Iterator[Violation]:
    """Find projects that are new to their index and to this environment."""
    age = facts.now - facts.first_upload
    if (
        age >= policy.releases.project_age(facts.releases)
        or facts.installed
        or policy.indexes.owner(facts.project) is not None
    ):
        return
    # NOTE: importing this loads the list of names.
    from pip_guard.names.popular import popular_names

    if popular_names().mark(facts.project) is not None:
        return
    count = "a single release" if facts.releases == 1 else f"{facts.releases} releases"
    yield Violation(
        message=f"pip would take {facts.project}, which is a new project: its first file was uploaded"
        f" {max(age.days, 0)} days ago, and it has {count}.",
        origin=facts.origin,
        project=facts.project,
        version=facts.version,
        hashes=facts.hashes,
        remedy=(
            "Check the spelling on its project page, or ask whoever suggested it. If it is what you want, allow it:",
            Allow(facts.project),
        ),
    )


RULE = Rule(
    id="new-project",
    summary="a project that its index has had for a short while only, as one that a language model invented",
    severity=Severity.WARNING,
    remediation="Check the spelling on its project page, or ask whoever suggested it.",
    since="0.2.0",
    facts=(ProjectHistoryFacts,),
    check=check,
)
