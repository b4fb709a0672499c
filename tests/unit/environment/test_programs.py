"""Test which programs are found outside of environments."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from pip_guard.environment import programs
from pip_guard.environment.programs import find_program, system_path

POSIX = pytest.mark.skipif(os.name != "posix", reason="only POSIX tells by the owner of a folder")


def make_program(folder: Path, name: str = "acme", mode: int = 0o755) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text("#!/bin/sh\n", encoding="utf-8")
    path.chmod(mode)
    return path


def test_finds_a_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_program(tmp_path / "bin")
    monkeypatch.setenv("PATH", os.pathsep.join(["", "relative", str(tmp_path / "absent"), str(tmp_path / "bin")]))
    assert find_program("acme", besides="/venv/bin") == str(path)
    assert find_program("other", besides="/venv/bin") is None
    assert find_program("acme", besides=str(tmp_path / "bin")) is None


def test_lets_pass_what_is_no_program_of_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = make_program(tmp_path / "venv" / "bin")
    (tmp_path / "venv" / "pyvenv.cfg").touch()
    make_program(tmp_path / "conda" / "bin")
    (tmp_path / "conda" / "conda-meta").mkdir()
    make_program(tmp_path / "pyenv" / "shims")
    make_program(tmp_path / "plain", mode=0o644)
    (tmp_path / "local" / "bin").mkdir(parents=True)
    (tmp_path / "local" / "bin" / "acme").symlink_to(environment)
    folders = ["venv/bin", "conda/bin", "pyenv/shims", "plain", "local/bin"]
    monkeypatch.setenv("PATH", os.pathsep.join(str(tmp_path / folder) for folder in folders))
    assert find_program("acme", besides="/elsewhere") is None


def owned_by(monkeypatch: pytest.MonkeyPatch, *, root: str = "/usr/bin", danger: str | None = None) -> None:
    """Have root own the folders below a path, whoever runs the test."""
    real = os.stat

    def stat(path: str) -> os.stat_result:
        status = list(real(path))
        status[4] = 0 if os.path.realpath(path).startswith(os.path.realpath(root)) else 1000
        return os.stat_result(status)

    monkeypatch.setattr(os, "stat", stat)
    monkeypatch.setattr(programs, "folder_danger", lambda folder: danger)


@POSIX
def test_folder_of_root_is_kept_and_that_of_a_user_is_not(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    owned_by(monkeypatch)
    assert system_path(f"{tmp_path}:/usr/bin:{tmp_path}/missing") == "/usr/bin"


@POSIX
@pytest.mark.parametrize(
    "folder", [pytest.param("", id="empty"), pytest.param(".", id="dot"), pytest.param("bin", id="name")]
)
def test_relative_folder_is_left_out(monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    owned_by(monkeypatch, root="/")
    assert system_path(f"/usr/bin{os.pathsep}{folder}") == "/usr/bin"


@POSIX
def test_folder_that_others_can_write_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    owned_by(monkeypatch, danger="others can write")
    assert system_path("/usr/bin") == ""


@POSIX
@pytest.mark.parametrize(
    ("prefix", "base", "kept"),
    [
        pytest.param("environment", "/usr", False, id="virtual-environment"),
        pytest.param("environment", "environment", True, id="no-virtual-environment"),
        pytest.param("environment/bin/x", "/usr", True, id="another-environment"),
    ],
)
def test_commands_of_the_running_environment_are_left_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, prefix: str, base: str, kept: bool
) -> None:
    folder = tmp_path / "environment" / "bin"
    folder.mkdir(parents=True)
    owned_by(monkeypatch, root=str(tmp_path))
    monkeypatch.setattr(sys, "prefix", str(tmp_path / prefix))
    monkeypatch.setattr(sys, "base_prefix", base if base == "/usr" else str(tmp_path / base))
    assert system_path(str(folder)) == (str(folder) if kept else "")


def test_windows_keeps_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "name", "nt")
    try:
        assert system_path("C:\\x;.") == "C:\\x;."
    finally:
        monkeypatch.undo()
