"""Test the rule against wheels that contradict themselves."""

from __future__ import annotations

import pytest

from pip_guard.policy.model import Policy
from pip_guard.rules.record_mismatch import RULE
from tests.unit.rules.wheels import make_wheel_facts, make_wheel_violation


def test_lets_a_consistent_wheel_pass() -> None:
    assert list(RULE.check(make_wheel_facts(), Policy())) == []


@pytest.mark.parametrize(
    ("count", "named"),
    [
        pytest.param(1, "1", id="one"),
        pytest.param(5, "1; 2; 3; 4; 5", id="five"),
        pytest.param(8, "1; 2; 3; 4; 5; and 3 more", id="eight"),
    ],
)
def test_names_what_it_found(count: int, named: str) -> None:
    facts = make_wheel_facts(defects=tuple(str(number) for number in range(1, count + 1)))
    message = f"demo-1.0-py3-none-any.whl contradicts itself: {named}."
    assert list(RULE.check(facts, Policy())) == [make_wheel_violation(message)]
