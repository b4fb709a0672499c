"""Test the rule against repositories."""

from __future__ import annotations

import pytest

from pip_guard.facts.candidate import CandidateFacts
from pip_guard.facts.violation import Allow, Violation
from pip_guard.policy.model import Policy
from pip_guard.rules.vcs_requirement import RULE
from tests.unit.factories import (
    ARGUMENT,
    DEPENDENCY,
    make_archive_facts,
    make_candidate_facts,
    make_directory_facts,
    make_vcs_facts,
)

PLACE = "git+https://host.example/demo.git"
MESSAGE = "pip would clone git+https://host.example/demo.git and build it, which runs code from that repository."
ADVICE = "Ask for a released wheel, or build a wheel from the repository where its code may run"
ALLOW_PLACE = (f"{ADVICE}, or allow this repository:", Allow(url=PLACE))


@pytest.mark.parametrize(
    ("facts", "violations"),
    [
        pytest.param(make_candidate_facts(), [], id="wheel"),
        pytest.param(make_archive_facts(), [], id="archive"),
        pytest.param(make_directory_facts(), [], id="directory"),
        pytest.param(
            make_vcs_facts(),
            [
                Violation(
                    message=MESSAGE,
                    place=PLACE,
                    origin=ARGUMENT,
                    project="demo",
                    remedy=(f"{ADVICE}, or allow it by name:", Allow("demo")),
                )
            ],
            id="repository",
        ),
        pytest.param(
            make_vcs_facts(project=None),
            [Violation(message=MESSAGE, place=PLACE, origin=ARGUMENT, remedy=ALLOW_PLACE)],
            id="repository-without-a-name",
        ),
        pytest.param(
            make_vcs_facts(editable=True, origin=DEPENDENCY),
            [Violation(message=MESSAGE, place=PLACE, origin=DEPENDENCY, remedy=ALLOW_PLACE)],
            id="dependency-gives-itself-a-name",
        ),
    ],
)
def test_refuses_a_repository(facts: CandidateFacts, violations: list[Violation]) -> None:
    assert list(RULE.check(facts, Policy())) == violations
