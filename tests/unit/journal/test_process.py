"""Test what is found out about the process."""

from __future__ import annotations

import os
import pwd
import sys
from pathlib import Path

import pip
import pytest

from pip_guard import __version__
from pip_guard.journal.process import ProcessInfo, read_process_info
from tests.kit.interpreter import run_python


def test_describes_this_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_process_info(["install", "demo"]) == ProcessInfo(
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
    assert read_process_info([]).user != "mallory"


def test_windows_says_in_variables_who_and_where_this_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("COMPUTERNAME", "HOST")
    monkeypatch.setenv("USERNAME", "me")
    found = read_process_info([])
    assert (found.host, found.user) == ("HOST", "me")
    monkeypatch.delenv("COMPUTERNAME")
    monkeypatch.delenv("USERNAME")
    found = read_process_info([])
    assert (found.host, found.user) == ("", "")


def test_user_need_not_have_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_000)
    assert read_process_info([]).user == "4000000"


def test_working_directory_may_be_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> str:
        raise FileNotFoundError

    monkeypatch.setattr(os, "getcwd", fail)
    assert read_process_info([]).cwd is None


def test_pip_is_not_imported_for_it(tmp_path: Path) -> None:
    code = "from pip_guard.journal.process import read_process_info as f; import sys; print(f([]).pip, 'pip' in sys.modules)"
    assert run_python("-c", code, home=tmp_path).stdout == "None False\n"
