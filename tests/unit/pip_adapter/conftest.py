"""Fixtures for what needs a whole command of pip."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.index import LocalIndex
from tests.unit.pip_adapter.guarded_pip import GuardedPip, without_settings


@pytest.fixture
def pip(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> GuardedPip:
    """Guard pip until the test ends."""
    without_settings(monkeypatch, tmp_path)
    return GuardedPip(monkeypatch)


@pytest.fixture
def local_index() -> Iterator[LocalIndex]:
    """Run an index without TLS, which costs less than one with it."""
    with LocalIndex(tls=False) as started:
        yield started
