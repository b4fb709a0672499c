"""Test how the settings are shown that pip would use."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from pip_guard.commands.config import run
from pip_guard.errors import UsageError
from pip_guard.guard_actions import GuardRequest
from pip_guard.options import OwnOptions
from pip_guard.pip_adapter.options.values import AUTHORITY_VARIABLES

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
        if name.lower().endswith("_proxy") or name in AUTHORITY_VARIABLES:
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


def show(own: OwnOptions, *flags: str, command: tuple[str, ...] = ()) -> int:
    return run(command, GuardRequest(arguments=("config",), options=dict.fromkeys(flags, True)), own)


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
                "kind": "environment variable",
                "file": None,
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


def test_shows_what_a_command_line_and_its_files_set(
    own: OwnOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "https://pypi.org/simple")
    Path("r.txt").write_text("# x\n--pre\n--find-links wheels\ndemo\n", encoding="utf-8")
    own_index = ("--extra-index-url", "https://me:secret@evil.example/")
    assert show(own, command=("install", "-r", "r.txt", *own_index, "--only-binary=x")) == 0
    assert (
        capsys.readouterr().out
        == """\
extra-index-url = https://pypi.org/simple
  PIP_EXTRA_INDEX_URL in the environment
  used
extra-index-url = https://me:****@evil.example/
  --extra-index-url https://me:****@evil.example/ on the command line
  refused: unapproved-index
find-links = wheels
  line 3 of r.txt
  refused: find-links
only-binary = x
  --only-binary x on the command line
  overridden by pip-guard
pre
  line 2 of r.txt
  used
requirement = r.txt
  -r r.txt on the command line
  used
"""
    )


def test_shows_the_settings_of_another_command(own: OwnOptions, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text("[download]\ndest = /tmp/files\n", encoding="utf-8")
    show(own)
    assert capsys.readouterr().out == "Nothing is set: pip uses its defaults.\n"
    show(own, command=("download",))
    assert capsys.readouterr().out == f"dest = /tmp/files\n  [download] dest, line 2 of {file}\n  used\n"


@pytest.mark.parametrize(
    ("command", "message"),
    [
        pytest.param(("no-such",), "pip has no command no-such.", id="command"),
        pytest.param(("install", "--no-such"), "pip install could not go on, and has said why.", id="option"),
        pytest.param(("install", "-r", "no-such.txt"), "Could not open requirements file", id="file"),
    ],
)
def test_what_pip_could_not_read_is_said(own: OwnOptions, command: tuple[str, ...], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        show(own, command=command)


def test_value_that_pip_could_not_read_is_said(own: OwnOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_TIMEOUT", "soon")
    with pytest.raises(UsageError, match="pip install could not go on"):
        show(own)


def test_interpreter_that_a_setting_names_is_refused(
    own: OwnOptions, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for interpreter, state in (("/no/such/python", "refused: foreign-module"), (sys.executable, "used")):
        monkeypatch.setenv("PIP_PYTHON", interpreter)
        show(own)
        assert capsys.readouterr().out == f"python = {interpreter}\n  PIP_PYTHON in the environment\n  {state}\n"


@pytest.mark.skipif(os.name != "posix", reason="elsewhere the mode of a file says nothing")
def test_setting_in_a_file_of_others_is_refused(
    own: OwnOptions, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(str(own.policy)).write_text(POLICY.replace('writable-configuration = "off"\n', ""), encoding="utf-8")
    file.write_text(f"[global]\nrequirement = {file.parent}/r.txt\n", encoding="utf-8")
    (file.parent / "r.txt").touch()
    for shared in (file.parent / "r.txt", file):
        for each in (file.parent / "r.txt", file):
            each.chmod(0o666 if each == shared else 0o644)
        show(own)
        assert capsys.readouterr().out.endswith("  refused: writable-configuration\n")
