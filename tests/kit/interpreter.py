"""Run code in an interpreter of its own, or as if this one were another."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import pytest

PYENV = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"


def run_python(
    *arguments: str | Path, home: Path, cwd: Path | None = None, environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run this interpreter where nothing of the machine's pip configuration, and nothing of the user's, is seen."""
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        capture_output=True,
        check=False,
        text=True,
        cwd=cwd or home,
        env={**environ_without_settings(home), **(environ or {})},
        timeout=60,
    )


def environ_without_settings(home: Path) -> dict[str, str]:
    """Return an environment with a home folder in it and little else; what measures coverage is passed on."""
    return {
        **{name: value for name, value in os.environ.items() if name.startswith(("COVERAGE_", "COV_CORE_"))},
        "PATH": os.defpath,
        "HOME": str(home),
        "TMPDIR": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "LANG": "C.UTF-8",
        "PIP_CONFIG_FILE": os.devnull,
    }


def load_again(module: ModuleType) -> ModuleType:
    """Load a module once more, for what it decides while it is loaded; everybody else keeps the first."""
    specification = importlib.util.find_spec(module.__name__)
    assert specification is not None
    assert specification.loader is not None
    loaded = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(loaded)
    return loaded


def find_interpreter(version: str) -> Path:
    """Find an installed interpreter, of those that pyenv keeps beside PATH."""
    for path in sorted(PYENV.glob(f"{version}.*/bin/python")):
        return path
    pytest.skip(f"there is no Python {version}")
