"""An exception that can excuse nothing is a problem of its file."""

from __future__ import annotations

import pytest

from pip_guard.policy.layer import Layer, Trust
from pip_guard.policy.parser import PolicyTextError
from pip_guard.policy.project_independent import read_layer
from pip_guard.rules import ALL_RULES

RULES = [rule.id for rule in ALL_RULES]
PROJECT_INDEPENDENT = [rule.id for rule in ALL_RULES if not rule.names_project]
CONDITIONS = {
    "project": "docopt",
    "version": "==0.6.2",
    "hash": f"sha256:{'ab' * 32}",
    "url": "https://docopt.example/",
}


def read(text: str) -> Layer:
    return read_layer(text, trust=Trust.USER, source="p.toml", rules=RULES)


def entry(rule: str, **conditions: str) -> str:
    lines = "".join(f'{key} = "{value}"\n' for key, value in conditions.items())
    return f'[[exceptions]]\nrule = "{rule}"\n{lines}reason = "known"\n'


@pytest.mark.parametrize("rule", PROJECT_INDEPENDENT)
def test_rule_that_names_no_project_is_excused_as_a_whole(rule: str) -> None:
    (exception,) = read(entry(rule)).exceptions
    assert (exception.rule, exception.project) == (rule, None)


@pytest.mark.parametrize("condition", CONDITIONS)
def test_other_rules_may_be_excused_under_any_condition(condition: str) -> None:
    assert read(entry("source-distribution", **{condition: CONDITIONS[condition]})).exceptions


@pytest.mark.parametrize("plain", [True, False], ids=["plain", "for-the-parser"])
@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("rule", PROJECT_INDEPENDENT)
def test_refuses_a_condition_that_nothing_meets(rule: str, condition: str, plain: bool) -> None:
    text = entry("source-distribution") + entry(rule, **{condition: CONDITIONS[condition]})
    with pytest.raises(PolicyTextError) as caught:
        read(text if plain else text.replace("rule = ", "rule  = "))
    assert caught.value.problems == (
        (
            f"p.toml:6: exceptions[1].{condition}: {rule} is about no project, so that this exception would excuse nothing;"
            f' leave this key out, or set the severity of the rule: [rules] {rule} = "warning"'
        ),
    )


def test_names_all_of_them() -> None:
    with pytest.raises(PolicyTextError) as caught:
        read(entry("find-links", project="a", version="==1") + entry("running-as-root", project="b"))
    places = [problem.partition(": ")[2].partition(": ")[0] for problem in caught.value.problems]
    assert places == ["exceptions[0].project", "exceptions[0].version", "exceptions[1].project"]
