"""Test the rule against a pip that cannot be guarded."""

from __future__ import annotations

import pytest

from pip_guard.facts.start import StartFacts
from pip_guard.facts.violation import Violation
from pip_guard.policy.model import Policy
from pip_guard.rules.unsupported_pip import RULE
from tests.unit.factories import make_start_facts

OLD = "pip 25.3 is older than 26.2, the oldest pip with no known vulnerability."


@pytest.mark.parametrize(
    ("facts", "messages"),
    [
        pytest.param(make_start_facts(), [], id="nothing"),
        pytest.param(make_start_facts(pip_version="26.3"), [], id="supported"),
        pytest.param(make_start_facts(pip_version="25.3", oldest_pip="26.2"), [OLD], id="too-old"),
        pytest.param(
            make_start_facts(pip_version="27.0", missing_hooks=("pip.a", "pip.b")),
            ["pip 27.0 lacks methods that pip-guard hooks: pip.a, pip.b."],
            id="lacks-hooks",
        ),
        pytest.param(
            make_start_facts(pip_version="27.0", unknown_command="fetch"),
            ["pip 27.0 has a command fetch that pip-guard does not know."],
            id="unknown-command",
        ),
        pytest.param(
            make_start_facts(pip_version="25.3", oldest_pip="26.2", missing_hooks=("pip.a",)),
            [OLD, "pip 25.3 lacks methods that pip-guard hooks: pip.a."],
            id="both",
        ),
    ],
)
def test_refuses_a_pip_that_cannot_be_guarded(facts: StartFacts, messages: list[str]) -> None:
    assert list(RULE.check(facts, Policy())) == [Violation(message=message) for message in messages]
