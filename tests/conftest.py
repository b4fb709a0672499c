"""Fixtures for every test: an index, a second one that is not to be trusted, and a place to run commands."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.kit import measuring
from tests.kit.folders import new_folder
from tests.kit.index import LocalIndex
from tests.kit.workspace import Workspace

# A machine that is busy with other things is no reason to fail.
settings.register_profile("patient", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtestloop() -> Generator[None, object, object]:
    """Count what guarded commands have covered, before the results are put together."""
    result = yield
    measuring.collect()
    return result


@pytest.fixture(autouse=True)
def _without_pip_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def index() -> Iterator[LocalIndex]:
    """Run an index with nothing on it."""
    with LocalIndex() as started:
        yield started


@pytest.fixture
def rogue_index() -> Iterator[LocalIndex]:
    """Run a second index, which no policy approves."""
    with LocalIndex() as started:
        yield started


@pytest.fixture
def workspace(index: LocalIndex) -> Iterator[Workspace]:
    """Make a place to run pip and pip-guard on the index."""
    folder = new_folder("workspace-")
    yield Workspace(folder, index)
    shutil.rmtree(folder, ignore_errors=True)
