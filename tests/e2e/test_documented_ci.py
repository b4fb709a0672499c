"""The settings of CI and of tools, documented ones and our own, are well-formed, and a linter finds nothing in them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
FILES = CHECKOUT / "docs" / "how-to" / "ci"
WORKFLOWS = [FILES / "github-actions.yml", *sorted((CHECKOUT / ".github" / "workflows").glob("*.yml"))]


@pytest.mark.parametrize("workflow", [pytest.param(path, id=path.stem) for path in WORKFLOWS])
def test_workflow_is_without_findings(workflow: Path) -> None:
    zizmor = shutil.which("zizmor", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    if zizmor is None:
        pytest.skip("zizmor is not installed")
    command = [zizmor, "--offline", "--persona=auditor", "--no-progress", str(workflow)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": os.defpath})
    assert ended.returncode == 0, ended.stdout


def test_container_of_developers_is_no_root() -> None:
    settings = json.loads((FILES / "devcontainer.json").read_text(encoding="utf-8"))
    assert settings["remoteUser"] != "root"
    assert settings["postCreateCommand"].startswith("pip-guard guard status && ")
