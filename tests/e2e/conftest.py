"""Fixtures for the tests that run the built wheel's console script."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.histories.world import World, make_world
from tests.kit import wheelhouse
from tests.kit.environments import VirtualEnvironment, make_virtual_environment
from tests.kit.folders import new_folder
from tests.kit.index import LocalIndex
from tests.kit.run import clean_environ, run
from tests.kit.users import copy_installation, describe, give, ordinary_user
from tests.kit.wheels import make_wheel
from tests.kit.workspace import Workspace, installed_in


@pytest.fixture(scope="session")
def shared_environment() -> VirtualEnvironment:
    """Make the virtual environment of all tests whose commands leave it as it is."""
    return make_virtual_environment(new_folder("shared-") / "venv", user=ordinary_user())


@pytest.fixture(scope="session")
def weakened() -> Iterator[World]:
    """Make a world in which parts of pip-guard can be left out."""
    with make_world(weakened=True) as made:
        yield made


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


@pytest.fixture(scope="session")
def bare_interpreter() -> VirtualEnvironment:
    """Copy an interpreter, and install pip and pip-guard into it: it is no virtual environment, though used like one."""
    python = copy_installation(Path(sys.base_prefix), Path(getattr(sys, "_base_executable", sys.executable)).resolve())
    if describe(python, ordinary_user()) is None:
        pytest.skip("a copy of this interpreter does not start")
    (python.parent / "python").symlink_to(python.name)
    folder = new_folder("bare-")
    (folder / "tmp").mkdir()
    environ = clean_environ(folder)
    scheme = run(
        [python, "-I", "-c", "import sysconfig; print(sysconfig.get_default_scheme())"], env=environ, cwd=folder
    )
    if scheme.check().stdout != "posix_prefix\n":
        pytest.skip("the distribution has moved the folders of its interpreter")
    options = ["--quiet", "--no-index", "--no-deps", "--no-cache-dir", "--root-user-action=ignore"]
    wheels = [wheelhouse.pip_wheel(), *wheelhouse.dependency_wheels(), wheelhouse.built_wheel()]
    run([python, "-I", wheels[0] / "pip", "install", *options, *wheels], env=environ, cwd=folder).check()
    give(python.parents[1], ordinary_user())
    return VirtualEnvironment(path=python.parents[1])


@pytest.fixture
def other(index: LocalIndex) -> Iterator[VirtualEnvironment]:
    """Make a second virtual environment, with pip but without pip-guard."""
    index.publish(make_wheel("harmless"))
    folder = new_folder("other-")
    yield make_virtual_environment(folder / "venv", with_guard=False, user=ordinary_user())
    shutil.rmtree(folder)


def contents(environment: VirtualEnvironment) -> set[str]:
    """Return what is installed in an environment, and the files at its top, where a pip.conf would be."""
    return installed_in(environment) | {path.name for path in environment.path.iterdir()}
