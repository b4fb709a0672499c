"""Test that the list of modules that Python and pip look for is up to date."""

from __future__ import annotations

import importlib.util
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pytest

from pip_guard.distributions.optional_modules import inner_namespaces, optional_modules

SCRIPT = Path(__file__).parents[3] / ".ci" / "update-optional-modules"


def test_knows_every_package_around_a_module() -> None:
    names = optional_modules().keys()
    assert {name.rpartition(".")[0] for name in names if "." in name} <= names
    assert inner_namespaces() >= {"backports", "org"}


@pytest.mark.slow
def test_list_has_what_this_python_and_pip_look_for() -> None:
    loader = SourceFileLoader("update_optional_modules", str(SCRIPT))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    script = importlib.util.module_from_spec(spec)
    loader.exec_module(script)
    of_pip, of_library = script.find_missing(sys.executable)
    assert of_pip | of_library <= optional_modules().keys()
    assert {"_manylinux", "backports.zstd"} <= of_pip
