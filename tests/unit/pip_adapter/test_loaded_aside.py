"""Test that what loading pip has made is set aside."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from pip_guard.environment import exit as exit_
from pip_guard.environment.exit import GC_THRESHOLD_AFTERWARDS, set_loaded_aside
from pip_guard.names.popular import popular_names
from tests.unit.pip_adapter.guarded_pip import GuardedPip


@pytest.fixture
def collector() -> Iterator[None]:
    """Leave the collector as it was."""
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


@pytest.mark.usefixtures("collector")
def test_what_is_loaded_is_set_aside() -> None:
    others = gc.get_threshold()[1:]
    set_loaded_aside()
    assert gc.get_freeze_count() > 1000
    assert gc.get_threshold() == (GC_THRESHOLD_AFTERWARDS, *others)


def test_guarded_command_sets_it_aside(pip: GuardedPip, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    monkeypatch.setattr(exit_, "set_loaded_aside", lambda: called.append("aside"))
    assert pip.run("install", "--dry-run", "--no-index", "pip") == 0
    assert called == ["aside"]


def test_names_are_let_go_of_when_all_are_known(pip: GuardedPip) -> None:
    popular_names()
    assert pip.run("install", "--dry-run", "--no-index", "pip") == 0
    assert popular_names.cache_info().currsize == 0
