"""Test what is found out about the process."""

from __future__ import annotations

import os
import pwd
import sys
from pathlib import Path

import pip
import pytest

from pip_guard import __version__
from pip_guard.journal.process import Surroundings, find_surroundings
from tests.unit.interpreter import run_python


def test_describes_this_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_surroundings(["install", "demo"]) == Surroundings(
        host=os.uname().nodename,
        user=pwd.getpwuid(os.geteuid()).pw_name,
        pid=os.getpid(),
        cwd=os.path.realpath(tmp_path),
        argv=("install", "demo"),
        interpreter=sys.executable,
        environment=sys.prefix,
        guard=__version__,
        pip=pip.__version__,
        python=".".join(map(str, sys.version_info[:3])),
    )


def test_user_is_not_what_a_variable_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "mallory")
    monkeypatch.setenv("USER", "mallory")
    assert find_surroundings([]).user != "mallory"


def test_windows_says_in_variables_who_and_where_this_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("COMPUTERNAME", "HOST")
    monkeypatch.setenv("USERNAME", "me")
    found = find_surroundings([])
    assert (found.host, found.user) == ("HOST", "me")
    monkeypatch.delenv("COMPUTERNAME")
    monkeypatch.delenv("USERNAME")
    found = find_surroundings([])
    assert (found.host, found.user) == ("", "")


def test_user_need_not_have_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_000)
    assert find_surroundings([]).user == "4000000"


def test_working_directory_may_be_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> str:
        raise FileNotFoundError

    monkeypatch.setattr(os, "getcwd", fail)
    assert find_surroundings([]).cwd is None


def test_pip_is_not_imported_for_it(tmp_path: Path) -> None:
    code = "from pip_guard.journal.process import find_surroundings as f; import sys; print(f([]).pip, 'pip' in sys.modules)"
    assert run_python("-c", code, home=tmp_path).stdout == "None False\n"
