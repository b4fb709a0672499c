"""The documented settings of CI and of tools are well-formed, and a linter finds nothing in them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

FILES = Path(__file__).parents[2] / "docs" / "how-to" / "ci"


def test_workflow_is_without_findings() -> None:
    zizmor = shutil.which("zizmor")
    if zizmor is None:
        pytest.skip("zizmor is not installed")
    command = [zizmor, "--offline", "--persona=auditor", "--no-progress", str(FILES / "github-actions.yml")]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": os.defpath})
    assert ended.returncode == 0, ended.stdout


def test_container_of_developers_is_no_root() -> None:
    settings = json.loads((FILES / "devcontainer.json").read_text(encoding="utf-8"))
    assert settings["remoteUser"] != "root"
    assert settings["postCreateCommand"].startswith("pip-guard guard status && ")
