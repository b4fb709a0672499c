"""Commands run in a clean environment, as the user that was asked for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.kit import folders, measuring
from tests.kit.folders import new_folder, session_folder
from tests.kit.run import clean_environ, run
from tests.kit.users import ordinary_user
from tests.kit.workspace import Workspace


def test_environment_holds_nothing_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIP_INDEX_URL", "REQUESTS_CA_BUNDLE", "VIRTUAL_ENV", "PYTHONPATH", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, "x")
    environ = clean_environ(Path("/w/home"), PIP_CONFIG_FILE="/w/pip.conf")
    assert environ.pop("PATH").startswith("/usr/local/bin:")
    assert environ == {
        "HOME": "/w/home",
        "TMPDIR": "/w/home/tmp",
        "XDG_CONFIG_HOME": "/w/home/.config",
        "XDG_CONFIG_DIRS": "/w/etc",
        "XDG_CACHE_HOME": "/w/home/.cache",
        "XDG_DATA_HOME": "/w/home/.local/share",
        "XDG_STATE_HOME": "/w/home/.local/state",
        "LANG": "C.UTF-8",
        "NO_PROXY": "localhost,127.0.0.1",
        "PIP_CONFIG_FILE": "/w/pip.conf",
        **measuring.environ(),
    }


def test_pip_settings_are_gone_from_this_process() -> None:
    assert [name for name in os.environ if name.startswith("PIP_")] == []


def test_command_gets_input_and_both_streams_are_kept() -> None:
    ended = run(["sh", "-c", "cat; echo oops >&2; exit 3"], env={}, cwd=Path("/"), stdin="in\n")
    assert (ended.returncode, ended.stdout, ended.stderr, ended.output) == (3, "in\n", "oops\n", "in\noops\n")
    with pytest.raises(AssertionError, match="exit code 3"):
        ended.check()


def test_workspace_runs_as_ordinary_user(workspace: Workspace) -> None:
    user = ordinary_user() or os.geteuid()
    assert user != 0
    shown = workspace.run(
        "sh", "-c", "id -u; pwd; : > file; : > $HOME/file; : > $TMPDIR/file; echo $FOO", env={"FOO": "x"}
    )
    assert shown.check().stdout == f"{user}\n{workspace.cwd}\nx\n"
    assert (workspace.cwd / "file").stat().st_uid == user


def test_workspace_runs_as_root_where_tests_do(workspace: Workspace) -> None:
    assert workspace.run("id", "-u", user=0).check().stdout == "0\n"


def test_none_removes_variable(workspace: Workspace) -> None:
    shown = workspace.run("env", env={"PIP_INDEX_URL": None}).stdout
    assert "PIP_INDEX_URL" not in shown
    assert f"PIP_CERT={workspace.index.ca_path}" in shown


def test_written_files_belong_to_user(workspace: Workspace) -> None:
    path = workspace.write("reqs/deep/dev.txt", "demo\n")
    assert path == workspace.cwd / "reqs" / "deep" / "dev.txt"
    assert {each.stat().st_uid for each in (path, path.parent, path.parents[1])} == {workspace.cwd.stat().st_uid}


def test_policy_approves_index_and_names_advisories(workspace: Workspace) -> None:
    advisories = f'\n[advisories]\nsource = "{workspace.advisories}"\n'
    assert workspace.policy_path.read_text() == f"\n{workspace.approval}{advisories}"
    path = workspace.policy('mode = "observe"\n')
    assert path == workspace.home / ".config" / "pip-guard" / "policy.toml"
    assert path.read_text() == f'mode = "observe"\n\n{workspace.approval}{advisories}'
    assert workspace.policy("[indexes]\n").read_text() == f"[indexes]\n{advisories}"
    assert workspace.policy("x", approve_index=False).read_text() == f"x{advisories}"
    assert workspace.policy("[indexes]\n[advisories]\n").read_text() == "[indexes]\n[advisories]\n"
    assert workspace.admin_policy("locked = true\n") == workspace.folder / "etc" / "pip-guard" / "policy.toml"


def test_session_folder_is_open_to_every_user() -> None:
    assert [folder.stat().st_mode & 0o777 for folder in (session_folder(), new_folder("x-"))] == [0o755, 0o755]


def test_closed_folder_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert folders.parent_folder() != tmp_path


def test_chosen_folder_is_used_where_it_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = new_folder("chosen-")
    monkeypatch.setenv("TMPDIR", str(chosen))
    assert folders.parent_folder() == chosen


def test_full_folder_in_memory_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = new_folder("memory-")
    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.setattr(folders, "IN_MEMORY", memory)
    assert folders.parent_folder() == memory
    monkeypatch.setattr(folders, "has_room", lambda folder: folder != memory)
    assert folders.parent_folder() != memory
