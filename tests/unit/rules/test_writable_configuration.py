"""Test the rule against obeying files that somebody else can change."""

from __future__ import annotations

from pip_guard.facts.command import FileFacts, TrustedFile
from pip_guard.facts.violation import Severity, Violation
from pip_guard.policy.model import Policy
from pip_guard.rules.writable_configuration import RULE

OWN = TrustedFile(path="/home/me/pip.conf", role="configuration", danger=None)


def test_lets_pass_what_nobody_else_can_change() -> None:
    assert list(RULE.check(FileFacts(files=(OWN,)), Policy())) == []
    assert list(RULE.check(FileFacts(), Policy())) == []


def test_refuses_what_others_can_change() -> None:
    writable = TrustedFile(path="/tmp/pip.conf", role="configuration", danger="others can write")
    foreign = TrustedFile(path="/tmp/bin", role="PATH", danger="belongs to another user (1001)")
    assert list(RULE.check(FileFacts(files=(writable, OWN, foreign)), Policy())) == [
        Violation(message="pip would obey /tmp/pip.conf (configuration), which others can write."),
        Violation(message="pip would obey /tmp/bin (PATH), which belongs to another user (1001)."),
    ]


def test_warns_of_what_is_not_read() -> None:
    project = TrustedFile(
        path="/tmp/pyproject.toml", role="project's policy", danger="belongs to another user (1001)", ignored=True
    )
    (violation,) = RULE.check(FileFacts(files=(project,)), Policy())
    assert violation.message == (
        "pip-guard does not read /tmp/pyproject.toml (project's policy), which belongs to another user (1001)."
    )
    assert violation.severity is Severity.WARNING
