"""Test the programs that stand on PATH in the place of pip."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from pip_guard.errors import GuardError
from pip_guard.integrations import shell
from pip_guard.integrations.integration import UserContext
from pip_guard.integrations.shell_files import own_files
from pip_guard.integrations.shell_templates import commands
from pip_guard.integrations.shims import INTEGRATION, is_shim
from tests.unit.integrations.factories import disable, enable, make_context, snapshot

NAMES = sorted(commands())


@pytest.fixture
def here(tmp_path: Path) -> UserContext:
    """Describe a home with a folder on PATH, and a pip-guard that shows its arguments."""
    home = tmp_path.resolve()
    guard = home / "own" / "bin" / "pip-guard"
    for folder in (guard.parent, home / "bin", home / "usr"):
        folder.mkdir(parents=True)
    write_program(guard, "printf '%s\\n' \"$@\"; exit 7\n")
    return make_context(home, launcher=guard, PATH=f"{home / 'bin'}:relative:{home / 'usr'}")


def write_program(path: Path, text: str = "") -> None:
    path.write_text(f"#!/bin/sh\n{text}", encoding="utf-8")
    path.chmod(0o755)


def test_enables_and_disables(here: UserContext) -> None:
    before = snapshot(here.home)
    assert sorted(enable(INTEGRATION, here, shims=str(here.home / "bin"))) == NAMES
    assert sorted(path.name for path in (here.home / "bin").iterdir()) == NAMES
    assert {path.stat().st_mode & 0o777 for path in (here.home / "bin").iterdir()} == {0o755}
    assert enable(INTEGRATION, here, shims=str(here.home / "bin")) == []
    assert sorted(disable(INTEGRATION, here, shims=str(here.home / "bin"))) == NAMES
    assert snapshot(here.home) == before


@pytest.mark.parametrize(("name", "environment"), list(commands().items()))
def test_shim_runs_pip_guard(here: UserContext, name: str, environment: str) -> None:
    enable(INTEGRATION, here, shims=str(here.home / "bin"))
    ended = subprocess.run(
        [here.home / "bin" / name, "install", "a b", ""], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (
        7,
        f"--guard-environment={environment}\ninstall\na b\n\n",
        "",
    )


def test_python_starts_without_the_folders_of_others(here: UserContext) -> None:
    enable(INTEGRATION, here, shims=str(here.home / "bin"))
    write_program(here.launcher, "env | grep PYTHON | sort")
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": "/a b:/c", "PYTHONPYCACHEPREFIX": "/tmp/cache"}
    ended = subprocess.run([here.home / "bin" / "pip"], env=environ, capture_output=True, text=True, check=True)
    assert ended.stdout == "_PIP_GUARD_PYTHONPATH=/a b:/c\n"


@pytest.mark.parametrize("kept", [False, True])
def test_shim_refuses_where_pip_guard_is_gone(here: UserContext, kept: bool) -> None:
    path = here.home / "bin" / "pip"
    if kept:
        path.parent.mkdir(exist_ok=True)
        path.touch()
    enable(INTEGRATION, here, shims=str(here.home / "bin"), replace=True)
    here.launcher.unlink()
    ended = subprocess.run([here.home / "bin" / "pip", "install", "x"], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (40, "")
    assert ended.stderr == (
        f"error: pip-guard is no longer at {here.launcher}, so pip was not run.\n"
        "hint: Install pip-guard-shim again. Or remove this program:\n"
        f"      {f'mv {path}.before-pip-guard {path}' if kept else f'rm {path}'}\n"
    )


def test_folder_may_be_new_and_relative_to_home(here: UserContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(here.home))
    enable(INTEGRATION, here, shims="~/new/bin")
    assert is_shim(here.home / "new" / "bin" / "pip")


@pytest.mark.parametrize("kind", ["program", "link", "dangling-link", "folder"])
def test_leaves_a_foreign_pip_unless_asked(here: UserContext, kind: str) -> None:
    folder = here.home / "bin"
    make_foreign(folder / "pip3", kind)
    before = snapshot(here.home)
    with pytest.raises(GuardError) as caught:
        enable(INTEGRATION, here, shims=str(folder))
    assert caught.value.message == f"{folder / 'pip3'} exists, and is not pip-guard's."
    assert "add --replace: it is renamed to pip3.before-pip-guard" in caught.value.hint
    assert snapshot(here.home) == before
    enable(INTEGRATION, here, shims=str(folder), replace=True)
    assert is_shim(folder / "pip3")
    assert os.path.lexists(folder / "pip3.before-pip-guard")
    assert enable(INTEGRATION, here, shims=str(folder)) == []
    disable(INTEGRATION, here, shims=str(folder))
    assert snapshot(here.home) == before
    assert (folder / "pip3").is_dir() is (kind == "folder")


def make_foreign(path: Path, kind: str) -> None:
    match kind:
        case "program":
            write_program(path)
            path.chmod(0o511)
        case "folder":
            path.mkdir()
        case "link":
            write_program(path.with_name("real"))
            path.symlink_to("real")
        case _:
            path.symlink_to("nowhere")


def test_keeps_no_foreign_pip_in_place_of_another(here: UserContext) -> None:
    folder = here.home / "bin"
    for name in ("pip", "pip.before-pip-guard"):
        write_program(folder / name)
    before = snapshot(here.home)
    with pytest.raises(GuardError) as caught:
        enable(INTEGRATION, here, shims=str(folder), replace=True)
    assert caught.value.message == (f"{folder / 'pip'} would be renamed to pip.before-pip-guard, but that exists.")
    assert snapshot(here.home) == before


def test_link_to_a_shim_is_no_shim(here: UserContext) -> None:
    enable(INTEGRATION, here, shims=str(here.home / "bin"))
    (here.home / "usr" / "pip").symlink_to(here.home / "bin" / "pip")
    assert not is_shim(here.home / "usr" / "pip")
    assert not is_shim(here.home / "nothing")


def test_leaves_a_pip_that_took_the_place_of_a_shim(here: UserContext) -> None:
    enable(INTEGRATION, here, shims=str(here.home / "bin"))
    (here.home / "bin" / "pip").unlink()
    write_program(here.home / "bin" / "pip")
    assert "pip" not in disable(INTEGRATION, here)
    assert [path.name for path in (here.home / "bin").iterdir()] == ["pip"]


def test_folder_may_be_the_one_of_pip_guard_itself(here: UserContext) -> None:
    folder = here.launcher.parent
    write_program(folder / "pip")
    before = snapshot(here.home)
    enable(INTEGRATION, here, shims=str(folder), replace=True)
    assert is_shim(folder / "pip")
    disable(INTEGRATION, here, shims=str(folder))
    assert snapshot(here.home) == before


def test_refuses_on_windows(here: UserContext) -> None:
    with pytest.raises(GuardError, match="scripts for /bin/sh"):
        enable(INTEGRATION, make_context(here.home, platform="win32"), shims=True)


def test_usual_folder_is_the_users(here: UserContext) -> None:
    assert sorted(enable(INTEGRATION, here, shims=True)) == NAMES
    assert is_shim(here.home / ".local" / "bin" / "pip")
    assert sorted(disable(INTEGRATION, here, shims=True)) == NAMES
    assert disable(INTEGRATION, here, shims=True) == []


def test_usual_folder_of_root_is_that_of_the_machine(here: UserContext) -> None:
    (state,) = INTEGRATION.states(make_context(here.home, as_root=True))
    assert (state.place, state.enabled) == ("/usr/local/bin", False)


# State


def test_state_before_and_after(here: UserContext) -> None:
    (state,) = INTEGRATION.states(here)
    assert (state.place, state.enabled, state.problems) == (str(here.home / ".local" / "bin"), False, ())
    enable(INTEGRATION, here, shims=str(here.home / "bin"))
    (state,) = INTEGRATION.states(here)
    assert (state.place, state.works) == (str(here.home / "bin"), True)
    assert sorted(path.name for path in state.files) == NAMES


def test_state_names_what_stands_before_the_shims(here: UserContext) -> None:
    enable(INTEGRATION, here, shims=str(here.home / "usr"))
    write_program(here.home / "bin" / "pip")
    (state,) = INTEGRATION.states(here)
    (problem,) = state.problems
    assert problem[0] == f"{here.home / 'bin' / 'pip'} comes before them on PATH"
    assert not state.works


def test_state_names_a_folder_that_is_not_on_path(here: UserContext) -> None:
    enable(INTEGRATION, here, shims=True)
    folder = here.home / ".local" / "bin"
    (state,) = INTEGRATION.states(here)
    assert state.problems == ((f"{folder} is not on PATH", f"Put it first: PATH={folder}:$PATH"),)


def test_state_names_shims_of_another_installation(here: UserContext) -> None:
    enable(INTEGRATION, here, shims=str(here.home / "bin"))
    other = make_context(here.home, launcher=here.home / "other", PATH=here.environ["PATH"])
    (state,) = INTEGRATION.states(other)
    assert state.problems == (
        (
            "the shims were written by another installation or version of pip-guard, or changed",
            f"pip-guard guard enable --shims {here.home / 'bin'}",
        ),
    )


def test_shims_of_the_shells_are_left_to_them(here: UserContext) -> None:
    enable(shell.INTEGRATION, here)
    folder = own_files(here).shims
    there = make_context(here.home, launcher=here.launcher, PATH=str(folder))
    (state,) = INTEGRATION.states(there)
    assert (state.place, state.works) == (str(folder), True)
    assert disable(INTEGRATION, there) == []
