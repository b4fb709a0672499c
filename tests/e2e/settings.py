"""Write policies and configuration files for the tests."""

from __future__ import annotations

from pathlib import Path

from tests.kit.index import LocalIndex
from tests.kit.workspace import Workspace

PLACE = """\
import pathlib
import pip_guard.policy.files
pip_guard.policy.files.admin_policy_path = lambda: pathlib.Path({path!r})
"""


def approve(*indexes: LocalIndex, more: str = "") -> str:
    """Return a policy that approves indexes and their files."""
    urls = [index.url for index in indexes]
    return f"[indexes]\napproved = {urls}\nfile-hosts = {[index.files_url for index in indexes]}\n{more}"


def write_configuration(workspace: Workspace, text: str) -> Path:
    """Write the user's configuration file, which pip reads where PIP_CONFIG_FILE is not set."""
    return workspace.write(workspace.home / ".config" / "pip" / "pip.conf", text)


def write_admin_policy(workspace: Workspace, text: str) -> Path:
    """Write the administrator's policy.

    Its place cannot be moved from outside of the interpreter, so that of the environment does it as it starts.
    """
    path = workspace.admin_policy(text)
    library = workspace.venv.site_packages
    (library / "admin_place.py").write_text(PLACE.format(path=str(path)), encoding="utf-8")
    (library / "admin_place.pth").write_text("import admin_place\n", encoding="utf-8")
    return path
