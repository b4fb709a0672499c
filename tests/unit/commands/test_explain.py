"""Test what is said about rules."""

from __future__ import annotations

import pytest

from pip_guard.commands.explain import explanation, run
from pip_guard.engine.rule import AnyRule
from pip_guard.errors import UsageError
from pip_guard.guard_actions import GuardRequest
from pip_guard.options import OwnOptions
from pip_guard.rules import ALL_RULES, running_as_root, trusted_host

ROOT = """\
running-as-root (error unless the policy says otherwise, since 0.1.0)

Refuse to fetch, build or change anything as root.

Build code runs as root immediately, and installed code runs as root whenever root uses that Python, so one mistake can take over
the whole machine. An ordinary user with a virtual environment needs no such rights.

What is bad: a command that fetches, builds or changes an environment, run as root.

What to do: Run the command as an ordinary user, in a virtual environment of that user: python3 -m venv .venv
For an image without another user, allow it in the policy:
[rules]
running-as-root = "off"

Docs: https://pip-guard-shim.readthedocs.io/en/stable/rules/running-as-root.html
"""


def explain(rules: list[str]) -> int:
    return run(tuple(rules), GuardRequest(arguments=("explain", *rules)), OwnOptions())


def test_explains_a_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert explain(["running-as-root"]) == 0
    assert capsys.readouterr() == (ROOT, "")


def test_explains_several_rules(capsys: pytest.CaptureFixture[str]) -> None:
    assert explain(["trusted-host", "running-as-root"]) == 0
    assert capsys.readouterr().out == f"{explanation(trusted_host.RULE)}\n\n{explanation(running_as_root.RULE)}\n"


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.id) for rule in ALL_RULES])
def test_every_rule_says_why(rule: AnyRule) -> None:
    assert explanation(rule).split("\n\n")[1].startswith(("Refuse ", "Warn of "))


def test_lists_all_rules(capsys: pytest.CaptureFixture[str]) -> None:
    assert explain([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [rule.id for rule in ALL_RULES]
    assert (
        "running-as-root              error    a command that fetches, builds or changes an environment, run as root"
        in lines
    )


def test_rule_must_exist(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError) as caught:
        explain(["running-as-root", "no-rule"])
    assert caught.value.message == "There is no rule no-rule."
    assert caught.value.hint == f"The rules are {', '.join(rule.id for rule in ALL_RULES)}."
    assert capsys.readouterr() == ("", "")
