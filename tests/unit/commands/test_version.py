"""Test what ``pip guard version`` tells of a machine."""

from __future__ import annotations

import json
import platform
import sys
from pathlib import Path

import pytest

from pip_guard import __version__
from pip_guard.commands import answer
from pip_guard.errors import PolicyError, UsageError
from pip_guard.guard_actions import GuardRequest
from pip_guard.options import OwnOptions
from pip_guard.pip_adapter.version import pip_version
from pip_guard.policy import files

VERSIONS = [
    f"pip-guard {__version__}",
    f"pip {pip_version()}",
    f"Python {platform.python_version()} ({sys.executable})",
]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a machine without policies, in a folder where its administrator's and a user's can be written."""
    monkeypatch.setattr(files, "admin_policy_path", lambda: tmp_path / "admin.toml")
    monkeypatch.setattr(files, "user_policy_path", lambda: tmp_path / "user.toml")
    monkeypatch.delenv("PIP_GUARD_POLICY", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ask(*arguments: str, **options: bool) -> int:
    return answer(
        GuardRequest(
            arguments=("version", *arguments), options={f"--{name}": value for name, value in options.items()}
        ),
        OwnOptions(),
    )


def test_names_versions_and_no_policy(machine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask() == 0
    assert capsys.readouterr().out.splitlines() == [*VERSIONS, "no policy file: the defaults are in force"]


def test_names_policies(machine: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pip_guard.environment.permissions.others_can_change", lambda path: None)
    (machine / "admin.toml").write_text('locked = true\nprofile = "ci"\n', encoding="utf-8")
    (machine / "user.toml").touch()
    (machine / "pyproject.toml").write_text("[tool.pip-guard]\n", encoding="utf-8")
    assert ask() == 0
    assert capsys.readouterr().out.splitlines() == [
        *VERSIONS,
        f"policy of the administrator: {machine}/admin.toml (locked)",
        f"policy of the user: {machine}/user.toml",
        f"policy of the project: {machine}/pyproject.toml",
    ]
    assert ask(json=True) == 0
    assert json.loads(capsys.readouterr().out) == {
        "schema": 1,
        "versions": {"pip-guard": __version__, "pip": pip_version(), "python": platform.python_version()},
        "interpreter": sys.executable,
        "policies": [
            {"trust": "administrator", "path": f"{machine}/admin.toml", "locked": True},
            {"trust": "user", "path": f"{machine}/user.toml", "locked": False},
            {"trust": "project", "path": f"{machine}/pyproject.toml", "locked": False},
        ],
    }


def test_takes_no_arguments(machine: Path) -> None:
    with pytest.raises(UsageError, match="version takes no arguments"):
        ask("pip")


def test_broken_policy_is_an_error(machine: Path) -> None:
    (machine / "user.toml").write_text("broken", encoding="utf-8")
    with pytest.raises(PolicyError):
        ask()
