"""Test what ``--guard-allow`` excuses."""

from __future__ import annotations

import pytest

from pip_guard.errors import UsageError
from pip_guard.facts.violation import Severity
from pip_guard.policy.exceptions import PolicyException, allow_once
from pip_guard.policy.known_rules import KnownRules

RULES = KnownRules(
    severities=dict.fromkeys(("some-rule", "whole-rule"), Severity.ERROR), project_independent=frozenset({"whole-rule"})
)


@pytest.mark.parametrize(
    ("rule", "project", "name"),
    [
        pytest.param("some-rule", None, None, id="every-project"),
        pytest.param("some-rule", "Zope.Interface", "zope-interface", id="project"),
        pytest.param("some-rule", "acme-*", "acme-*", id="pattern"),
        pytest.param("whole-rule", None, None, id="project-independent"),
    ],
)
def test_allows_once(rule: str, project: str | None, name: str | None) -> None:
    assert allow_once(rule, project, RULES) == PolicyException(
        rule=rule, project=name, reason="allowed once, on the command line", once=True
    )


@pytest.mark.parametrize(
    ("rule", "project", "message", "hint"),
    [
        pytest.param(
            "no-rule",
            None,
            "--guard-allow=no-rule: there is no such rule.",
            "The rules are some-rule, whole-rule.",
            id="no-rule",
        ),
        pytest.param(
            "whole-rule",
            "demo",
            "--guard-allow=whole-rule:demo: whole-rule is not about projects, so this would have no effect.",
            "To excuse this command from the rule: --guard-allow=whole-rule",
            id="project-independent",
        ),
        pytest.param(
            "some-rule",
            "demo==1",
            "--guard-allow=some-rule:demo==1: the part after the colon is not the name of a project.",
            "To excuse one version or one file, add an exception to the policy: pip-guard guard allow --help",
            id="no-project",
        ),
    ],
)
def test_refuses_what_excuses_nothing(rule: str, project: str | None, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        allow_once(rule, project, RULES)
    assert (caught.value.message, caught.value.hint) == (message, hint)
