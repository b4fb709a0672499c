"""Test that no key of a project's file turns a refusal into less, for every key and every rule, also those to come."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from datetime import date
from itertools import product

import pytest

from pip_guard.commands.assembly import KNOWN_RULES
from pip_guard.engine.evaluate import evaluate
from pip_guard.engine.rule import AnyRule
from pip_guard.facts.violation import Severity
from pip_guard.policy import approval
from pip_guard.policy.keys import KEYS, AnyKey
from pip_guard.policy.layers import Layer, Trust, merge
from pip_guard.policy.model import Policy
from pip_guard.policy.profiles import Profile
from pip_guard.policy.table import Problem, Table
from pip_guard.rules import ALL_RULES
from tests.unit.test_docs import DOCS, EXAMPLES, PINNED, rows

# Places that the examples of the rules are about, and places above and below approved ones.
PLACES = (
    "https://pypi.org/simple/",
    "https://pypi.org/",
    "https://files.pythonhosted.org/",
    "https://files.pythonhosted.org/packages/",
    "https://pypi.acme.example/simple/",
    "https://downloads.acme.example/wheels/",
    "https://cdn.acme.example/",
    "https://paste.example/",
)
SAMPLES = {
    "minimum-age": ["P0D", "PT1H", "P3D", "P9999W"],
    "minimum-project-age": ["P0D", "PT1H", "P3D", "P9999W"],
    "source": ["https://api.osv.dev", "https://osv.acme.example", "file:///srv/osv"],
    "path": ["/srv/a.jsonl", "/srv/b.jsonl"],
    "max-size": ["1 KiB", "10 MiB"],
    "advisory-message": ["Ask us.", "Ask them."],
}
# What decides whom pip-guard asks for facts; what a file approves or exempts, a project's file may only take away.
QUESTIONS = {
    name: function
    for name, function in vars(approval).items()
    if inspect.isfunction(function)
    and function.__module__ == approval.__name__
    and list(inspect.signature(function).parameters)[1:] == ["policy"]
}
# Whom the names of private projects are told must not be changed in either direction.
PRIVATE = ("is_exempt_from_advisories", "is_kept_from_advisories")


def values_of(key: AnyKey) -> Iterator[object]:
    """Return some values of a key, by the schema of its type; a new type of value must be given samples."""
    schema = key.kind.schema
    if "enum" in schema:
        samples = schema["enum"]
    elif schema["type"] == "boolean":
        samples = [True, False]
    elif schema["type"] == "array":
        samples = [[], *([place] for place in PLACES), list(PLACES)]
    else:
        samples = SAMPLES[key.path[-1]]
    assert isinstance(samples, list)
    for sample in samples:
        problems: list[Problem] = []
        yield key.kind.read(Table({"x": sample}, problems=problems), "x")
        assert problems == []


def pairs(key: AnyKey) -> Iterator[tuple[Policy, Policy]]:
    """Return the policy of a user's value, and that with the value of a project's file besides."""
    errors = dict.fromkeys(KNOWN_RULES.ids, Severity.ERROR)
    users = [
        Layer(trust=Trust.USER, severities=errors, values=values)
        for values in ({}, *({key.name: value} for value in values_of(key)))
    ]
    projects = [Layer(trust=Trust.PROJECT, values={key.name: value}) for value in values_of(key)]
    for user, project in product(users, projects):
        before, after = (merge(layers, KNOWN_RULES.severities).policy for layers in ([user], [user, project]))
        yield before, after


def refuses(rule: AnyRule, policy: Policy) -> bool:
    return evaluate([EXAMPLES[rule.id]], policy, [rule], date(2026, 1, 1)).refused


@pytest.mark.parametrize("key", [pytest.param(key, id=key.name) for key in KEYS.values()])
def test_no_key_of_a_project_turns_a_refusal_into_less(key: AnyKey) -> None:
    found = list(pairs(key))
    assert [
        (rule.id, before, after)
        for rule, (before, after) in product(ALL_RULES, found)
        if refuses(rule, before) and not refuses(rule, after)
    ] == []


@pytest.mark.parametrize("question", [pytest.param(function, id=name) for name, function in QUESTIONS.items()])
@pytest.mark.parametrize("key", [pytest.param(key, id=key.name) for key in KEYS.values()])
def test_no_key_of_a_project_approves_or_exempts_anything(key: AnyKey, question: Callable[[str, Policy], bool]) -> None:
    answers = [(question(place, before), question(place, after)) for before, after in pairs(key) for place in PLACES]
    assert (False, True) not in answers
    assert question.__name__ not in PRIVATE or (True, False) not in answers


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.id) for rule in ALL_RULES])
def test_no_severity_or_profile_of_a_project_turns_a_refusal_into_less(rule: AnyRule) -> None:
    projects = [
        *(Layer(trust=Trust.PROJECT, severities={rule.id: severity}) for severity in Severity),
        *(Layer(trust=Trust.PROJECT, profile=profile) for profile in Profile),
    ]
    for user, project in product([Layer(trust=Trust.USER, severities={rule.id: Severity.ERROR})], projects):
        assert merge([user, project], KNOWN_RULES.severities).policy.severity(rule.id, rule.severity) is Severity.ERROR


def test_questions_are_found() -> None:
    assert {"is_approved_index", "is_approved_file", "is_exempt_from_age", *PRIVATE} <= QUESTIONS.keys()


def test_every_rule_but_the_journals_refuses_its_example_by_default() -> None:
    policy = Policy(severities=dict.fromkeys(KNOWN_RULES.ids, Severity.ERROR), publishers=PINNED)
    assert [rule.id for rule in ALL_RULES if not refuses(rule, policy)] == ["unwritten-journal"]


def test_reference_says_of_every_key_what_a_project_can_do() -> None:
    cells = {row[0] for row in rows(DOCS / "reference" / "policy.md", first_cell="`.*`")}
    assert {f"`{name}`" for name in KEYS} <= cells
