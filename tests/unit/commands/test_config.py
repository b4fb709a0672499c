"""Test how the settings are shown that pip would use."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from pip_guard.commands.config import run
from pip_guard.guard_request import GuardRequest
from pip_guard.own_options import OwnOptions

# What depends on the machine that runs the tests is no business of these.
POLICY = """\
[rules]
running-as-root = "off"
outside-virtual-environment = "off"
writable-configuration = "off"
trusted-host = "warning"
"""


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OwnOptions:
    """Take a policy, and no settings of this machine."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    (tmp_path / "policy.toml").write_text(POLICY, encoding="utf-8")
    return OwnOptions(policy=str(tmp_path / "policy.toml"))


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the only configuration file that pip reads."""
    monkeypatch.setattr(
        "pip._internal.configuration.get_configuration_files", lambda: {"global": [], "user": [], "site": []}
    )
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    return tmp_path / "pip.conf"


def show(own: OwnOptions, *flags: str) -> int:
    return run((), GuardRequest(arguments=("config",), options=dict.fromkeys(flags, True)), own)


def test_says_that_nothing_is_set(own: OwnOptions, capsys: pytest.CaptureFixture[str]) -> None:
    assert show(own) == 0
    assert capsys.readouterr() == ("Nothing is set: pip uses its defaults.\n", "")


def test_shows_every_setting_and_what_becomes_of_it(
    own: OwnOptions, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(
        "[global]\ntimeout = 60\nindex-url = https://me:secret@pypi.org/simple\n[install]\nno-binary = :all:\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PIP_INDEX_URL", "https://evil.example/simple")
    monkeypatch.setenv("PIP_TRUSTED_HOST", "pypi.org")
    assert show(own) == 0
    assert capsys.readouterr() == (
        f"""\
index-url = https://me:****@pypi.org/simple
  [global] index-url, line 3 of {file}
  replaced
index-url = https://evil.example/simple
  PIP_INDEX_URL in the environment
  refused: unapproved-index
no-binary = :all:
  [install] no-binary, line 5 of {file}
  overridden by pip-guard
timeout = 60
  [global] timeout, line 2 of {file}
  used
trusted-host = pypi.org
  PIP_TRUSTED_HOST in the environment
  used
""",
        "",
    )


def test_shows_the_same_to_programs(
    own: OwnOptions, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "https://me:secret@evil.example/")
    assert show(own, "--json") == 0
    stdout, stderr = capsys.readouterr()
    assert stderr == ""
    assert json.loads(stdout) == {
        "schema": 1,
        "settings": [
            {
                "option": "extra-index-url",
                "value": "https://me:****@evil.example/",
                "origin": "PIP_EXTRA_INDEX_URL in the environment",
                "state": "refused",
                "rules": ["unapproved-index"],
            }
        ],
    }


def test_shows_control_characters_as_what_they_are(
    own: OwnOptions, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PIP_LOG", "\x1b[2J")
    show(own)
    assert capsys.readouterr().out == "log = \\x1b[2J\n  PIP_LOG in the environment\n  used\n"
