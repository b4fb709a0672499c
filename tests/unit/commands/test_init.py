"""Test which action answers a request."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from pip_guard import guard_actions
from pip_guard.commands import answer
from pip_guard.commands.allow import EXAMPLE
from pip_guard.errors import UsageError
from pip_guard.guard_actions import GuardRequest
from pip_guard.options import OwnOptions
from pip_guard.pip_adapter.options.values import AUTHORITY_VARIABLES


def ask(*arguments: str, policy: Path | None = None) -> int:
    options = {"--reason": "read it", "--expires": "2027-01-31"} if arguments[:1] == ("allow",) else {}
    return answer(
        GuardRequest(arguments=arguments, options=options), OwnOptions(policy=None if policy is None else str(policy))
    )


@pytest.mark.parametrize(
    ("arguments", "output"),
    [
        pytest.param(["explain", "running-as-root"], "running-as-root (error unless ", id="explain"),
        pytest.param(["explain"], "unsupported-pip ", id="explain-all"),
    ],
)
def test_explains(capsys: pytest.CaptureFixture[str], arguments: list[str], output: str) -> None:
    assert ask(*arguments) == 0
    assert capsys.readouterr().out.startswith(output)


def test_shows_the_configuration(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "policy.toml").touch()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name in AUTHORITY_VARIABLES:
            monkeypatch.delenv(name)
    request = GuardRequest(arguments=("config",), options={"--json": True})
    assert answer(request, OwnOptions(policy=str(tmp_path / "policy.toml"))) == 0
    assert json.loads(capsys.readouterr().out) == {"schema": 1, "settings": []}


def test_allows(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.touch()
    assert ask("allow", "local-project", "demo", policy=policy) == 0
    assert policy.read_text(encoding="utf-8") == (
        '[[exceptions]]\nrule = "local-project"\nproject = "demo"\nreason = "read it"\nexpires = 2027-01-31\n'
    )


ACTIONS = f"The actions are {', '.join(action.name for action in guard_actions.ACTIONS)}; see pip-guard help guard."


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        pytest.param(["forbid", "x"], "There is no action forbid.", ACTIONS, id="unknown"),
        *(
            pytest.param(["allow", *rest], "allow needs a rule, and a project, --url or --hash.", EXAMPLE, id=name)
            for name, rest in {
                "allow-nothing": [],
                "allow-without-project": ["x"],
                "allow-too-much": ["x", "y", "z"],
            }.items()
        ),
        pytest.param(
            ["config", "x"],
            "pip has no command x.",
            "Example: pip-guard guard config -- install -r FILE",
            id="config-x",
        ),
    ],
)
def test_refuses_what_is_no_action(arguments: list[str], message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        ask(*arguments)
    assert (caught.value.message, caught.value.hint) == (message, hint)


def test_lists_all_actions_where_none_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert ask() == 0
    shown = capsys.readouterr().out
    assert all(f"  {action.name} " in shown and action.summary in shown for action in guard_actions.ACTIONS)


def test_refuses_an_option_of_another_action() -> None:
    with pytest.raises(UsageError) as caught:
        answer(GuardRequest(arguments=("config",), options={"--reason": "x"}), OwnOptions())
    assert (caught.value.message, caught.value.hint) == (
        "pip guard config has no option --reason.",
        "pip-guard guard config [--json] [-- <command> [<argument>...]]",
    )
