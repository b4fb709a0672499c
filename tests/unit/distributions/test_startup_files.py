"""Test the list of startup files that are known to be harmless."""

from __future__ import annotations

import hashlib
import re
from datetime import date
from pathlib import Path

import pytest

import pip_guard
from pip_guard.distributions.startup_files import is_known, is_known_hash
from pip_guard.environment.files import record_hash
from pip_guard.names.normalize import normalize_name

LIST = Path(pip_guard.__file__).parent / "distributions" / "startup_files.txt"
ROWS = [line.split() for line in LIST.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
PRECEDENCE = (
    b"import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == 'local'; "
    b"enabled and __import__('_distutils_hack').add_shim(); \n"
)


@pytest.mark.parametrize(
    ("project", "path", "content", "known"),
    [
        pytest.param("setuptools", "distutils-precedence.pth", PRECEDENCE, True, id="known"),
        pytest.param("evil", "distutils-precedence.pth", PRECEDENCE, False, id="other-project"),
        pytest.param("setuptools", "other.pth", PRECEDENCE, False, id="other-path"),
        pytest.param("setuptools", "distutils-precedence.pth", PRECEDENCE + b"import x", False, id="other-content"),
    ],
)
def test_knows_a_file_by_project_name_and_content(project: str, path: str, content: bytes, known: bool) -> None:
    assert is_known(project, path, content) is known
    assert is_known_hash(project, path, record_hash("sha256", hashlib.sha256(content).digest())) is known


@pytest.mark.parametrize("row", [pytest.param(row, id=f"{row[1]}-{row[2][:8]}") for row in ROWS])
def test_list_says_where_each_was_seen_and_when_it_was_looked_at(row: list[str]) -> None:
    project, path, sha256, source, version, day = row
    assert project == normalize_name(project) == source
    assert path.endswith(".pth") or (project, path) in {
        ("virtualenv", "_virtualenv.py"),
        ("setuptools", "_distutils_hack/__init__.py"),
        ("pywin32", "win32/lib/pywin32_bootstrap.py"),
    }
    assert re.fullmatch(r"[0-9a-f]{64}", sha256)
    assert version[0].isdigit()
    assert date.fromisoformat(day).year >= 2026


def test_list_has_no_file_twice() -> None:
    assert len({tuple(row[:3]) for row in ROWS}) == len(ROWS)
