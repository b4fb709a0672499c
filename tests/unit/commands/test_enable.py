"""Test what ``pip guard enable`` and ``pip guard disable`` answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from pip_guard.commands import answer, enable
from pip_guard.errors import UsageError
from pip_guard.guard_actions import GuardRequest
from pip_guard.integrations.registry import load_integrations
from pip_guard.options import OwnOptions
from tests.unit.integrations.factories import snapshot


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a home for a person with bash, and a policy."""
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "SUDO_USER", "ZDOTDIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SHELL", "/bin/bash")
    monkeypatch.setenv("PATH", "/usr/bin")
    monkeypatch.setattr("pip_guard.integrations.integration.runs_as_root", lambda: False)
    return tmp_path


def ask(*arguments: str, policy: Path | None = None, **options: str | bool) -> int:
    given = {f"--{name.replace('_', '-')}": value for name, value in options.items()}
    own = OwnOptions(policy=None if policy is None else str(policy))
    return answer(GuardRequest(arguments=arguments, options=given), own)


def test_enables_and_disables(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / ".bashrc").write_text("x\n", encoding="utf-8")
    before = snapshot(home)
    assert ask("enable", shell=True) == 0
    output = capsys.readouterr().out
    own = home / ".local" / "share" / "pip-guard" / "shell"
    assert output == (
        f"created 3 files in {own}, 8 files in {own / 'shims'}, {home / '.profile'}; changed {home / '.bashrc'}\n"
        "Active in new shells. For this one: exec bash\n"
    )
    assert ask("enable", shell=True) == 0
    assert capsys.readouterr().out == "Nothing to do.\n"
    assert ask("disable", shell=True) == 0
    assert capsys.readouterr().out == (
        f"changed {home / '.bashrc'}; removed {home / '.profile'}, 3 files in {own}, 8 files in {own / 'shims'}\n"
        "Disabled for bash. Shells that are open, such as this one, keep it until they are closed.\n"
    )
    assert snapshot(home) == before


def test_says_how_to_have_it_now(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ask("enable", shell="powershell")
    assert capsys.readouterr().out.endswith("\nActive in new shells. For this one: . $PROFILE.CurrentUserAllHosts\n")


def test_dry_run_changes_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask("enable", shell="zsh", dry_run=True) == 0
    output = capsys.readouterr().out
    assert f"\n--- /dev/null\n+++ {home / '.zshenv'}\n@@ -0,0 +1,8 @@\n+# >>> pip-guard >>> (this file" in output
    assert output.endswith("+# <<< pip-guard <<<\n")
    assert snapshot(home) == {}


def test_names_what_is_left_to_do(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask("enable", shims=str(home / "bin")) == 0
    folder = home / "bin"
    assert capsys.readouterr().out == f"created 8 files in {folder}\n"
    ask("disable", shims=str(folder))
    ask("enable", shims=True)
    folder = home / ".local" / "bin"
    assert capsys.readouterr().out.endswith(f"But {folder} is not on PATH. Put it first: PATH={folder}:$PATH\n")


def test_shows_every_door_and_what_is_best(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ask("enable", shims=True)
    capsys.readouterr()
    assert ask("enable") == 0
    output = capsys.readouterr().out
    for integration in load_integrations():
        assert f"\n{integration.flag}  {integration.summary}\n" in output
    assert "\n  bash: not enabled; covers pip at the prompt" in output
    folder = home / ".local" / "bin"
    assert f"\n  {folder}: enabled, with problems; covers pip wherever" in output
    assert f"\n    {folder} is not on PATH\n    Put it first: PATH={folder}:$PATH\n" in output
    assert output.endswith("\nBest here: pip-guard guard enable --shell\n")


def test_state_of_what_is_enabled_is_shown(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ask("enable", shell=True)
    ask("enable")
    assert "\n  bash: enabled; covers pip at the prompt" in capsys.readouterr().out


def test_root_has_no_shell_to_recommend(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pip_guard.integrations.integration.runs_as_root", lambda: True)
    ask("enable")
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("Best here: pip-guard guard enable --shims /usr/local/bin")


def test_root_is_recommended_the_hook_where_there_is_one(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pip_guard.integrations.integration.runs_as_root", lambda: True)
    shell = load_integrations()[0]
    monkeypatch.setattr(enable, "load_integrations", lambda: (shell._replace(name="interpreter"),))
    ask("enable")
    assert capsys.readouterr().out.endswith("--shims /usr/local/bin --interpreter\n")


@pytest.mark.parametrize(
    ("approved", "line"),
    [
        pytest.param("https://pypi.acme.example/simple/", "+index-url = https://pypi.acme.example/simple/", id="other"),
        pytest.param("https://pypi.org/simple/", None, id="default"),
        pytest.param("file:///srv/wheels/", None, id="folder"),
    ],
)
def test_fallback_settings_have_the_index_of_the_policy(
    home: Path, capsys: pytest.CaptureFixture[str], approved: str, line: str | None
) -> None:
    policy = home / "policy.toml"
    policy.write_text(f'[indexes]\napproved = ["{approved}"]\nfile-hosts = []\n', encoding="utf-8")
    ask("enable", pip_config=True, dry_run=True, policy=policy)
    found = [shown for shown in capsys.readouterr().out.splitlines() if shown.startswith("+index-url")]
    assert [shown.rstrip("/") for shown in found] == ([] if line is None else [line.rstrip("/")])


@pytest.mark.parametrize(
    ("age", "days"), [pytest.param("P3D", 3, id="days"), pytest.param("PT36H", 2, id="part-of-a-day-counts-as-one")]
)
def test_fallback_settings_have_the_minimum_age_of_the_policy(
    home: Path, capsys: pytest.CaptureFixture[str], age: str, days: int
) -> None:
    policy = home / "policy.toml"
    policy.write_text(f'[releases]\nminimum-age = "{age}"\n', encoding="utf-8")
    ask("enable", pip_config=True, minimum_age=True, policy=policy)
    created, broken = capsys.readouterr().out.splitlines()
    file = home / ".config" / "pip" / "pip.conf"
    assert created == f"created {file}"
    assert broken.startswith("pip now fails on indexes and lock files without upload times")
    assert f"\nuploaded-prior-to = P{days}D\n" in file.read_text(encoding="utf-8")


def test_minimum_age_goes_with_fallback_settings_only(home: Path) -> None:
    with pytest.raises(UsageError, match=r"--minimum-age goes with --pip-config or --uv-config\."):
        ask("enable", shell=True, minimum_age=True)
    assert snapshot(home) == {}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["disable"], "Say what to disable.", id="nothing"),
        pytest.param(["enable", "bash"], "pip guard enable takes options only, not bash.", id="enable-argument"),
        pytest.param(["disable", "bash"], "pip guard disable takes options only, not bash.", id="disable-argument"),
    ],
)
def test_refuses_wrong_usage(home: Path, arguments: list[str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        ask(*arguments)
    assert caught.value.message == message
