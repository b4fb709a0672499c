"""Test the rule against building a directory that nobody named."""

from __future__ import annotations

import pytest

from pip_guard.facts.candidate import CandidateFacts
from pip_guard.facts.violation import Allow, Run, Violation
from pip_guard.policy.model import LocalProjects, Policy
from pip_guard.rules.local_project import RULE
from tests.unit.factories import (
    DEPENDENCY,
    REQUIREMENTS,
    make_archive_facts,
    make_candidate_facts,
    make_directory_facts,
    make_vcs_facts,
)

NEVER = Policy(local_projects=LocalProjects.NEVER)
PLACE = "file:///srv/demo"
MESSAGE = "pip would build the directory /srv/demo, which runs code from it."
NAME_IT = "Name the directory on the command line:", Run(("install", "/srv/demo", "..."))
NAME_IT_EDITABLE = "Name the directory on the command line:", Run(("install", "-e", "/srv/demo", "..."))
ALLOW_PLACE = ("Allow the directory:", Allow(url=PLACE))
ALLOW_IT = "Allow it by name:", Allow("demo")


@pytest.mark.parametrize(
    ("facts", "policy", "violations"),
    [
        pytest.param(make_candidate_facts(), Policy(), [], id="wheel"),
        pytest.param(make_archive_facts(), Policy(), [], id="archive"),
        pytest.param(make_vcs_facts(), NEVER, [], id="repository"),
        pytest.param(make_directory_facts(named_on_command_line=True), Policy(), [], id="named"),
        pytest.param(
            make_directory_facts(named_on_command_line=True, editable=True), Policy(), [], id="named-editable"
        ),
        pytest.param(
            make_directory_facts(origin=DEPENDENCY, named_on_command_line=True),
            Policy(),
            [],
            id="dependency-on-the-named",
        ),
        pytest.param(
            make_directory_facts(origin=REQUIREMENTS),
            Policy(),
            [
                Violation(
                    message=MESSAGE, place=PLACE, origin=REQUIREMENTS, project="demo", remedy=(*NAME_IT, *ALLOW_IT)
                )
            ],
            id="not-named",
        ),
        pytest.param(
            make_directory_facts(origin=REQUIREMENTS, editable=True, project=None),
            Policy(),
            [Violation(message=MESSAGE, place=PLACE, origin=REQUIREMENTS, remedy=(*NAME_IT_EDITABLE, *ALLOW_PLACE))],
            id="not-named-without-a-name",
        ),
        pytest.param(
            make_directory_facts(origin=DEPENDENCY),
            Policy(),
            [Violation(message=MESSAGE, place=PLACE, origin=DEPENDENCY, remedy=(*NAME_IT, *ALLOW_PLACE))],
            id="dependency-gives-itself-a-name",
        ),
        pytest.param(
            make_directory_facts(origin=REQUIREMENTS, named_on_command_line=True),
            NEVER,
            [
                Violation(
                    message=MESSAGE,
                    place=PLACE,
                    origin=REQUIREMENTS,
                    project="demo",
                    remedy=(RULE.remediation, *ALLOW_IT),
                )
            ],
            id="named-where-that-is-no-consent",
        ),
        pytest.param(
            make_directory_facts(origin=DEPENDENCY),
            NEVER,
            [Violation(message=MESSAGE, place=PLACE, origin=DEPENDENCY, remedy=(RULE.remediation, *ALLOW_PLACE))],
            id="no-way-but-a-wheel",
        ),
    ],
)
def test_refuses_a_directory_without_consent(
    facts: CandidateFacts, policy: Policy, violations: list[Violation]
) -> None:
    assert list(RULE.check(facts, policy)) == violations
