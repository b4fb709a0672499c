"""Test the rule against switching off the verification of certificates."""

from __future__ import annotations

from pip_guard.facts.violation import Violation
from pip_guard.rules.trusted_host import RULE
from tests.unit.factories import COMMAND_LINE, ENVIRONMENT, make_policy, make_setting, make_source_facts


def test_lets_pass_where_all_certificates_are_verified() -> None:
    facts = make_source_facts(indexes=(make_setting("https://evil.example/"),), private_authority=True)
    assert list(RULE.check(facts, make_policy())) == []


def test_refuses_every_host_that_is_believed_without_a_certificate() -> None:
    hosts = (make_setting("pypi.example", ENVIRONMENT), make_setting("localhost:8080", COMMAND_LINE))
    assert list(RULE.check(make_source_facts(trusted_hosts=hosts), make_policy())) == [
        Violation(
            message="pip would not verify the certificate of pypi.example.",
            origin=ENVIRONMENT,
        ),
        Violation(
            message="pip would not verify the certificate of localhost:8080.",
            origin=COMMAND_LINE,
        ),
    ]
