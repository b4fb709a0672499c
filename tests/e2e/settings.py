"""Write policies and configuration files for the tests."""

from __future__ import annotations

from pathlib import Path

from tests.kit.index import LocalIndex
from tests.kit.workspace import Workspace


def approve(*indexes: LocalIndex, more: str = "") -> str:
    """Return a policy that approves indexes and their files."""
    urls = [index.url for index in indexes]
    return f"[indexes]\napproved = {urls}\nfile-hosts = {[index.files_url for index in indexes]}\n{more}"


def write_configuration(workspace: Workspace, text: str) -> Path:
    """Write the user's configuration file, which pip reads where PIP_CONFIG_FILE is not set."""
    return workspace.write(workspace.home / ".config" / "pip" / "pip.conf", text)
