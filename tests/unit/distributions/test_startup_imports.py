"""Test which modules startup files are found to import."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from pip_guard.distributions.startup_imports import imported_names, startup_imports


@pytest.mark.parametrize(
    ("content", "names"),
    [
        pytest.param(b"import _virtualenv", {"_virtualenv"}, id="plain"),
        pytest.param(
            b"import sys; exec('try:\\n import acme_trace\\nexcept ImportError:\\n pass')", {"acme_trace"}, id="exec"
        ),
        pytest.param(b"import os; os and __import__('_hack').add()", {"_hack"}, id="function"),
        pytest.param(b'import importlib;importlib.import_module("a.b")', {"a", "a.b"}, id="dotted"),
        pytest.param(b"import a, b.c\nfrom d.e import f", {"a", "b", "b.c", "d", "d.e"}, id="several"),
        pytest.param(b"# import a\nimport os, sys", set(), id="library-and-comment"),
    ],
)
def test_finds_imported_names(content: bytes, names: set[str]) -> None:
    assert imported_names(content) == names


def test_looks_into_startup_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library, of_python = tmp_path / "site-packages", tmp_path / "python"
    library.mkdir()
    of_python.mkdir()
    (library / "a.pth").write_text("folder\nimport acme\n", encoding="utf-8")
    (library / "b.txt").write_text("import other\n", encoding="utf-8")
    os.mkfifo(library / "fifo.pth")
    (of_python / "sitecustomize.py").write_text("try:\n    import hook\nexcept ImportError: pass\n", encoding="utf-8")
    monkeypatch.setattr(sys, "path", [str(of_python), str(tmp_path / "absent")])
    assert startup_imports([str(library)]) == {
        "acme": [str(library / "a.pth")],
        "hook": [str(of_python / "sitecustomize.py")],
    }
