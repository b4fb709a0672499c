"""Read what commands leave in the journal, as a program of somebody else's would."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.kit.workspace import Workspace


def journal_path(workspace: Workspace) -> Path:
    """Return where the user's journal is by default."""
    return workspace.home / ".local" / "state" / "pip-guard" / "log" / "journal.jsonl"


def records(workspace: Workspace) -> list[dict[str, Any]]:
    """Return all records, in their order; every line must be whole."""
    path = journal_path(workspace)
    content = path.read_bytes() if path.exists() else b""
    assert content == b"" or content.endswith(b"\n")
    return [json.loads(line) for line in content.splitlines()]


def last(workspace: Workspace) -> dict[str, Any]:
    """Return the last record."""
    return records(workspace)[-1]
