"""Fixtures for the tests that run the built wheel's console script."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests.kit.environments import VirtualEnvironment, make_virtual_environment
from tests.kit.folders import new_folder
from tests.kit.index import LocalIndex
from tests.kit.users import ordinary_user
from tests.kit.wheels import make_wheel
from tests.kit.workspace import Workspace, installed_in


@pytest.fixture(scope="session")
def shared_environment() -> VirtualEnvironment:
    """Make the virtual environment of all tests whose commands leave it as it is."""
    return make_virtual_environment(new_folder("shared-") / "venv", user=ordinary_user())


@pytest.fixture
def shared_workspace(index: LocalIndex, shared_environment: VirtualEnvironment) -> Iterator[Workspace]:
    """Make a place to run commands that leave the virtual environment as it is."""
    before = contents(shared_environment)
    folder = new_folder("workspace-")
    yield Workspace(folder, index, venv=shared_environment)
    shutil.rmtree(folder, ignore_errors=True)
    assert contents(shared_environment) == before


@pytest.fixture
def place(shared_workspace: Workspace) -> Workspace:
    """Make a place to run commands that leave the environment as it is, with `harmless` on its index."""
    shared_workspace.index.publish(make_wheel("harmless"))
    return shared_workspace


@pytest.fixture
def rogue(rogue_index: LocalIndex) -> LocalIndex:
    """Offer a higher version of `harmless` on the index that no policy approves."""
    rogue_index.publish(make_wheel("harmless", "9.0"))
    return rogue_index


def contents(environment: VirtualEnvironment) -> set[str]:
    """Return what is installed in an environment, and the files at its top, where a pip.conf would be."""
    return installed_in(environment) | {path.name for path in environment.path.iterdir()}
