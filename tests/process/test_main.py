"""Test the module that `python -m pip_guard` runs; what it does when it runs is tested with the composition root."""

from __future__ import annotations

from pathlib import Path

from tests.kit.interpreter import run_python


def test_nothing_happens_where_it_is_imported(tmp_path: Path) -> None:
    code = "import sys; before = sys.path[:]; import pip_guard.__main__; print(sys.path == before)"
    ended = run_python("-c", code, "install", home=tmp_path)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "True\n", "")
