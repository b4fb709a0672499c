"""Test the rule against projects from an index that is not their own."""

from __future__ import annotations

from typing import Any

import pytest

from pip_guard.facts.candidate import CandidateFacts, OtherIndexFacts
from pip_guard.facts.violation import PolicyLines, Violation
from pip_guard.frozen import replace
from pip_guard.policy.model import Policy, parse_locations
from pip_guard.rules.wrong_index import RULE
from pip_guard.urls.location import parse_location
from tests.unit.factories import (
    ARGUMENT,
    DEPENDENCY,
    make_archive_facts,
    make_candidate_facts,
    make_directory_facts,
    make_policy,
    make_vcs_facts,
)

OWN, PUBLIC = "https://own.example/simple/", "https://pypi.example/simple/"
PINNED = make_policy(projects=dict(zip(["acme-*"], parse_locations([OWN]), strict=True)))
FIND_OUT = "Find out which index it belongs to, and add that to the policy:"
PIN = PolicyLines('[indexes.projects]\n"demo" = "URL of its index"')


@pytest.mark.parametrize(
    ("facts", "policy"),
    [
        pytest.param(make_candidate_facts(index=PUBLIC), PINNED, id="pinned-to-none"),
        pytest.param(make_candidate_facts(project="acme-tools", index=OWN), PINNED, id="own-index"),
        pytest.param(
            make_candidate_facts(project="acme-tools", index=OWN, offering_indexes=frozenset({OWN, PUBLIC})),
            PINNED,
            id="own-index-though-another-offers-it",
        ),
        pytest.param(
            make_candidate_facts(project="acme-tools", index=OWN, silent_indexes=frozenset({PUBLIC})),
            PINNED,
            id="own-index-though-another-is-silent",
        ),
        pytest.param(make_candidate_facts(project="acme-tools"), PINNED, id="find-links"),
        pytest.param(
            make_candidate_facts(project="acme-tools", direct=True, url="file:///srv/x.whl"), PINNED, id="local-file"
        ),
        pytest.param(
            make_candidate_facts(project="acme-tools", direct=True, url=f"{OWN}acme-tools/x.whl"),
            PINNED,
            id="address-below-its-own-index",
        ),
        pytest.param(make_directory_facts(project="acme-tools", direct=True), PINNED, id="directory"),
        pytest.param(make_archive_facts(project=None, index=PUBLIC), PINNED, id="no-name"),
        pytest.param(
            make_candidate_facts(index=PUBLIC, offering_indexes=frozenset({PUBLIC})), Policy(), id="offered-by-one"
        ),
        pytest.param(
            make_candidate_facts(direct=True, silent_indexes=frozenset({OWN})), Policy(), id="address-needs-no-index"
        ),
        pytest.param(
            make_candidate_facts(index=PUBLIC, offering_indexes=frozenset({OWN, PUBLIC}), pinned=True),
            Policy(),
            id="hash-says-which-file",
        ),
        pytest.param(
            make_candidate_facts(index=PUBLIC, silent_indexes=frozenset({OWN}), pinned=True),
            Policy(),
            id="hash-though-another-is-silent",
        ),
    ],
)
def test_lets_pass(facts: CandidateFacts, policy: Policy) -> None:
    assert list(RULE.check(facts, policy)) == []


@pytest.mark.parametrize(
    ("facts", "place"),
    [
        pytest.param(make_candidate_facts(project="acme-tools", index=PUBLIC), PUBLIC, id="other-index"),
        pytest.param(
            make_candidate_facts(project="acme-tools", index=PUBLIC, pinned=True), PUBLIC, id="other-index-by-hash"
        ),
        pytest.param(
            make_candidate_facts(project="acme-tools", index=f"{OWN}sub/"), f"{OWN}sub/", id="index-below-its-own"
        ),
        pytest.param(
            make_candidate_facts(project="acme-tools", direct=True, url="https://files.example/x.whl"),
            "https://files.example/x.whl",
            id="address",
        ),
        pytest.param(
            make_vcs_facts(project="acme-tools", direct=True), "git+https://host.example/demo.git", id="repository"
        ),
    ],
)
def test_refuses_a_project_from_another_index(facts: CandidateFacts, place: str) -> None:
    assert list(RULE.check(facts, PINNED)) == [
        Violation(
            message=f"pip would take acme-tools from {place}, but it belongs to https://own.example/simple.",
            origin=ARGUMENT,
            project="acme-tools",
        )
    ]


def test_refuses_a_project_that_several_indexes_offer() -> None:
    facts = make_candidate_facts(index=PUBLIC, offering_indexes=frozenset({PUBLIC, OWN}), origin=DEPENDENCY)
    assert list(RULE.check(facts, Policy())) == [
        Violation(
            message=f"demo is on several indexes, {OWN} and {PUBLIC}, and the policy does not say which one to use.",
            origin=DEPENDENCY,
            project="demo",
            remedy=(FIND_OUT, PIN),
        )
    ]


def test_refuses_a_project_while_an_index_does_not_answer() -> None:
    facts = make_candidate_facts(
        index=PUBLIC, offering_indexes=frozenset({PUBLIC}), silent_indexes=frozenset({OWN, "https://b.example/"})
    )
    assert list(RULE.check(facts, Policy())) == [
        Violation(
            message=f"pip would take demo from {PUBLIC}, while https://b.example/ and {OWN} did not answer.",
            origin=ARGUMENT,
            project="demo",
            remedy=(f"Try again when it answers. {FIND_OUT}", PIN),
        )
    ]


RESTRICTED = make_policy(restrictions=(dict(zip(["acme-*"], parse_locations([OWN]), strict=True)),))


@pytest.mark.parametrize(
    ("facts", "messages"),
    [
        pytest.param(make_candidate_facts(project="acme-tools", index=OWN), [], id="from-that-index"),
        pytest.param(make_candidate_facts(project="other", index=PUBLIC), [], id="another-project"),
        pytest.param(
            make_candidate_facts(project="acme-tools", index=PUBLIC),
            [f"pip would take acme-tools from {PUBLIC}, but it belongs to https://own.example/simple."],
            id="from-another-index",
        ),
        pytest.param(
            make_candidate_facts(project="acme-tools", index=OWN, offering_indexes=frozenset({OWN, PUBLIC})),
            [f"acme-tools is on several indexes, {OWN} and {PUBLIC}, and the policy does not say which one to use."],
            id="that-index-but-another-offers-it",
        ),
    ],
)
def test_who_may_only_tighten_ties_nothing(facts: CandidateFacts, messages: list[str]) -> None:
    assert [violation.message for violation in RULE.check(facts, RESTRICTED)] == messages


def only_elsewhere(**only_what_matters: Any) -> OtherIndexFacts:
    facts = OtherIndexFacts(
        requirement="acme-tools>=2",
        project="acme-tools",
        origin=ARGUMENT,
        indexes=frozenset({PUBLIC}),
        asked=frozenset({OWN, PUBLIC}),
    )
    return replace(facts, **only_what_matters)


@pytest.mark.parametrize(
    ("facts", "advice"),
    [
        pytest.param(only_elsewhere(), f"Ask for a version that {OWN[:-1]} has", id="another-version"),
        pytest.param(only_elsewhere(asked=frozenset({PUBLIC})), f"Ask its own index, {OWN[:-1]}", id="not-asked"),
        pytest.param(
            only_elsewhere(silent_indexes=frozenset({OWN})), f"{OWN[:-1]} did not answer: try again later", id="silent"
        ),
    ],
)
def test_refuses_what_only_another_index_has(facts: OtherIndexFacts, advice: str) -> None:
    assert list(RULE.check(facts, PINNED)) == [
        Violation(
            message=f"pip would take acme-tools>=2 from {PUBLIC}, but it belongs to {OWN[:-1]}.",
            origin=ARGUMENT,
            project="acme-tools",
            remedy=f"{advice}, or correct [indexes.projects] in the policy.",
        )
    ]


def test_refuses_what_belongs_to_two_indexes_at_once() -> None:
    policy = make_policy(projects={"acme-*": parse_location(OWN)}, restrictions=({"*": parse_location(PUBLIC)},))
    found = list(RULE.check(only_elsewhere(indexes=frozenset({OWN, PUBLIC})), policy))
    assert [violation.message for violation in found] == [
        f"pip would take acme-tools>=2 from {OWN}, but it belongs to {PUBLIC[:-1]}.",
        f"pip would take acme-tools>=2 from {PUBLIC}, but it belongs to {OWN[:-1]}.",
    ]


def test_allows_what_the_one_index_has_that_it_belongs_to() -> None:
    assert list(RULE.check(only_elsewhere(indexes=frozenset({OWN})), PINNED)) == []
