"""Let files look as if they belonged to somebody else: only root can really give one away."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def pretend_owner(monkeypatch: pytest.MonkeyPatch, path: Path, owner: int, *, group: int | None = None) -> None:
    """Let the system say that an existing file or folder belongs to a user, and to a group if one is given."""
    own = path.stat()

    def seen(look: Callable[..., os.stat_result]) -> Callable[..., os.stat_result]:
        def looked(*arguments: Any, **options: Any) -> os.stat_result:
            status = look(*arguments, **options)
            if not os.path.samestat(status, own):
                return status
            return os.stat_result((*status[:4], owner, status.st_gid if group is None else group, *status[6:]))

        return looked

    for name in ("stat", "lstat", "fstat"):
        monkeypatch.setattr(os, name, seen(getattr(os, name)))
