"""Test the rule against files of requirements from places that nobody approved."""

from __future__ import annotations

import pytest

from pip_guard.facts.violation import Violation
from pip_guard.policy.suggestions import approve
from pip_guard.rules.remote_requirements_file import RULE
from pip_guard.urls.compare import folder_of
from tests.unit.factories import ENVIRONMENT, make_policy, make_setting, make_source_facts


@pytest.mark.parametrize(
    "file",
    [
        "requirements.txt",
        "/srv/requirements.txt",
        "file:///srv/requirements.txt",
        "https://files.example/team/requirements.txt",
        "https://pypi.example/simple/requirements.txt",
    ],
)
def test_lets_pass(file: str) -> None:
    facts = make_source_facts(requirement_files=(make_setting(file, ENVIRONMENT),))
    assert list(RULE.check(facts, make_policy())) == []


@pytest.mark.parametrize(
    "file",
    [
        "https://evil.example/requirements.txt",
        "http://files.example/requirements.txt",
        "https://files.example@evil.example/requirements.txt",
        "https://files.example:8443/requirements.txt",
        "ftp://files.example/requirements.txt",
    ],
)
def test_refuses_what_is_not_approved(file: str) -> None:
    local = make_setting("requirements.txt")
    facts = make_source_facts(requirement_files=(local, make_setting(file, ENVIRONMENT)))
    assert list(RULE.check(facts, make_policy())) == [
        Violation(
            message=f"pip would read requirements from {file}, which is not approved.",
            origin=ENVIRONMENT,
            remedy=(RULE.remediation, approve("file-hosts", folder_of(file))),
        )
    ]
