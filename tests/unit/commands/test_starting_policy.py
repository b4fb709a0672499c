"""Test the policies to start with."""

from __future__ import annotations

from pathlib import Path

import pytest

from pip_guard.commands.assembly import KNOWN_RULES
from pip_guard.commands.init import EXAMPLE, run, starting_policy
from pip_guard.errors import PolicyError, UsageError
from pip_guard.frozen import replace
from pip_guard.guard_actions import GuardRequest
from pip_guard.options import OwnOptions
from pip_guard.policy.parser import parse_policy
from pip_guard.policy.profiles import PROFILES, Profile


def init(path: Path, *arguments: str) -> int:
    return run(arguments, GuardRequest(arguments=("init", *arguments)), OwnOptions(policy=str(path)))


@pytest.mark.parametrize("profile", list(Profile))
def test_policy_is_that_of_the_profile_also_without_its_comment_signs(profile: Profile) -> None:
    text = starting_policy(profile)
    named = parse_policy(text, source="p", rules=KNOWN_RULES)
    assert named == parse_policy(f'profile = "{profile.value}"\n', source="p", rules=KNOWN_RULES)
    lines = [line.removeprefix("# ") for line in text.split("\n") if " = " in line and not line.endswith(" = ...")]
    tables = [line.removeprefix("# ") for line in text.split("\n") if line.startswith("# [")]
    assert tables == [
        "[indexes]",
        "[sources]",
        "[releases]",
        "[publishers]",
        "[advisories]",
        "[journal]",
        "[network]",
        "[rules]",
    ]
    full = "\n".join(
        line.removeprefix("# ") if line.startswith("# [") or line.removeprefix("# ") in lines else ""
        for line in text.split("\n")
    )
    spelled_out = parse_policy(full, source="p", rules=KNOWN_RULES)
    assert replace(spelled_out, severities={}) == replace(named, severities={})
    assert spelled_out.severities == {**KNOWN_RULES.severities, **PROFILES[profile].severities}


@pytest.mark.parametrize(("arguments", "profile"), [([], "developer"), (["container"], "container"), (["ci"], "ci")])
def test_writes_the_policy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], profile: str
) -> None:
    path = tmp_path / "folder" / "policy.toml"
    assert init(path, *arguments) == 0
    assert path.read_text(encoding="utf-8") == starting_policy(Profile(profile))
    assert capsys.readouterr().out == f"Wrote {path}. pip-guard guard policy shows the effective policy.\n"


def test_writes_the_users_own_file_where_none_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("PIP_GUARD_POLICY", raising=False)
    assert run((), GuardRequest(arguments=("init",)), OwnOptions()) == 0
    assert (tmp_path / "pip-guard" / "policy.toml").exists()


@pytest.mark.parametrize("arguments", [["laptop"], ["ci", "container"]])
def test_refuses_what_is_no_profile(tmp_path: Path, arguments: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        init(tmp_path / "p.toml", *arguments)
    assert (caught.value.message, caught.value.hint) == ("init takes one of developer, container, ci.", EXAMPLE)


def test_overwrites_nothing(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.symlink_to("nowhere")
    with pytest.raises(UsageError, match="exists and was not overwritten"):
        init(path)
    assert path.is_symlink()


def test_says_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(PolicyError):
        init(tmp_path / "file" / "p.toml")
