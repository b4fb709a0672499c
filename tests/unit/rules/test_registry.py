"""Test that the rules are what the registry, the modules and the tests say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pip_guard import rules
from pip_guard.engine.rule import AnyRule
from pip_guard.rules import ALL_RULES

MODULES = {path.stem for path in Path(rules.__file__).parent.glob("*.py")} - {"__init__"}
TABLES = {path.stem.removeprefix("test_") for path in Path(__file__).parent.glob("test_*.py")} - {"registry"}
EVERY_RULE = pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.id) for rule in ALL_RULES])


def test_every_rule_is_a_module_with_a_table_of_tests() -> None:
    registered = [rule.id.replace("-", "_") for rule in ALL_RULES]
    assert sorted(registered) == sorted(MODULES)
    assert TABLES == MODULES


@EVERY_RULE
def test_rule_is_called_like_its_module(rule: AnyRule) -> None:
    assert rule.check.__module__ == f"pip_guard.rules.{rule.id.replace('-', '_')}"
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.id)


@EVERY_RULE
def test_summary_goes_into_a_table_and_remediation_is_a_sentence(rule: AnyRule) -> None:
    assert rule.summary
    assert not set("\n|") & set(rule.summary)
    assert not rule.summary.endswith(".")
    assert rule.remediation.splitlines()
    assert rule.remediation[0].isupper()


@EVERY_RULE
def test_rule_takes_facts_and_has_a_version(rule: AnyRule) -> None:
    assert rule.facts
    assert re.fullmatch(r"\d+\.\d+\.\d+", rule.since)
