"""Test the rule against names that were probably meant to be others."""

from __future__ import annotations

import pytest

from pip_guard.facts.candidate import CandidateFacts
from pip_guard.facts.requirements import RequirementFacts
from pip_guard.facts.violation import Allow, Severity, Violation
from pip_guard.names.lookalike import judge
from pip_guard.policy.model import Policy, parse_locations
from pip_guard.rules.lookalike_project_name import RULE
from tests.unit.factories import (
    ARGUMENT,
    DEPENDENCY,
    REQUIREMENTS,
    make_archive_facts,
    make_candidate_facts,
    make_policy,
    make_requirement_facts,
    make_vcs_facts,
)

# What is sure, and what is no more than likely, is for the module that judges names to say.
SURE = "reqeusts"
LIKELY = "sklearn"


def test_examples_are_what_they_are_called() -> None:
    sure, likely = judge(SURE), judge(LIKELY)
    assert sure is not None
    assert likely is not None
    assert (sure.confidence, sure.target, likely.confidence, likely.target) == (
        "sure",
        "requests",
        "likely",
        "scikit-learn",
    )


def reason(name: str) -> str:
    miss = judge(name)
    assert miss is not None
    return miss.reason


@pytest.mark.parametrize(
    ("facts", "policy"),
    [
        pytest.param(make_requirement_facts(project="requests"), Policy(), id="popular"),
        pytest.param(make_requirement_facts(project=None), Policy(), id="no-name"),
        pytest.param(make_candidate_facts(project="requests", origin=DEPENDENCY), Policy(), id="dependency"),
        pytest.param(make_candidate_facts(project=SURE), Policy(), id="judged-as-a-requirement-before"),
        pytest.param(make_candidate_facts(project=SURE, origin=DEPENDENCY, direct=True), Policy(), id="address"),
        pytest.param(make_archive_facts(project=SURE, origin=DEPENDENCY), Policy(), id="sdist-is-another-rule's"),
        pytest.param(make_vcs_facts(project=SURE, origin=DEPENDENCY), Policy(), id="repository-is-another-rule's"),
        pytest.param(make_candidate_facts(project=LIKELY, origin=DEPENDENCY), Policy(), id="likely-dependency"),
        pytest.param(
            make_requirement_facts(project=SURE),
            make_policy(projects=dict(zip([SURE], parse_locations(["https://own.example/"]), strict=True))),
            id="pinned-to-an-index",
        ),
    ],
)
def test_lets_pass(facts: RequirementFacts | CandidateFacts, policy: Policy) -> None:
    assert list(RULE.check(facts, policy)) == []


@pytest.mark.parametrize(
    ("facts", "name", "target", "severity"),
    [
        pytest.param(make_requirement_facts(project=SURE), SURE, "requests", Severity.ERROR, id="sure"),
        pytest.param(
            make_requirement_facts(project=LIKELY, origin=REQUIREMENTS),
            LIKELY,
            "scikit-learn",
            Severity.WARNING,
            id="likely",
        ),
        pytest.param(
            make_candidate_facts(project=SURE, origin=DEPENDENCY),
            SURE,
            "requests",
            Severity.ERROR,
            id="sure-dependency",
        ),
    ],
)
def test_finds_a_near_miss(
    facts: RequirementFacts | CandidateFacts, name: str, target: str, severity: Severity
) -> None:
    assert list(RULE.check(facts, Policy())) == [
        Violation(
            message=f"{name} is probably not what was meant: {reason(name)}. Did you mean {target}?",
            origin=facts.origin,
            project=name,
            severity=severity,
            remedy=(f"Ask for {target}, or, if you really mean {name}, allow it:", Allow(name)),
        )
    ]


def test_near_miss_of_nothing_has_no_other_name_to_offer() -> None:
    meant = "urllib"
    assert list(RULE.check(make_requirement_facts(project=meant), Policy())) == [
        Violation(
            message=f"{meant} is probably not what was meant: {reason(meant)}.",
            origin=ARGUMENT,
            project=meant,
            severity=Severity.WARNING,
            remedy=(f"If you really mean {meant}, allow it:", Allow(meant)),
        )
    ]
