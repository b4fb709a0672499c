"""Test which programs are found outside of environments."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pip_guard.environment.programs import find_program


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
