"""Test which versions of pip are supported."""

from __future__ import annotations

import sys

import pip
import pytest

from pip_guard.errors import GuardError
from pip_guard.pip_adapter.version import OLDEST_PIP, is_too_old, pip_version


@pytest.mark.parametrize(
    ("version", "too_old"),
    [
        pytest.param("20.3", True, id="old"),
        pytest.param("25.3", True, id="year-before"),
        pytest.param("26.1.2", True, id="one-before"),
        pytest.param("9.0.3", True, id="number-is-no-text"),
        pytest.param("26.2", False, id="oldest"),
        pytest.param("26.2.1", False, id="fix-of-the-oldest"),
        pytest.param("26.10", False, id="ten-is-more-than-two"),
        pytest.param("27.0.dev0", False, id="development"),
        pytest.param("100.0", False, id="far-future"),
        pytest.param("", True, id="empty"),
        pytest.param("unknown", True, id="doubt-refuses"),
    ],
)
def test_tells_what_is_too_old(version: str, too_old: bool) -> None:
    assert is_too_old(version) is too_old


def test_version_is_that_of_the_installed_pip() -> None:
    assert pip_version() == pip.__version__


def test_oldest_pip_is_supported_and_so_is_the_one_that_runs_the_tests() -> None:
    assert not is_too_old(OLDEST_PIP)
    assert not is_too_old(pip_version())


@pytest.mark.parametrize(
    ("missing", "error"),
    [pytest.param("pip", GuardError, id="pip"), pytest.param("another", ModuleNotFoundError, id="what-pip-needs")],
)
def test_says_that_there_is_no_pip(missing: str, error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    class Finder:
        def find_spec(self, name: str, path: object = None, target: object = None) -> None:
            raise ModuleNotFoundError(f"No module named {missing!r}", name=missing)

    monkeypatch.delitem(sys.modules, "pip")
    monkeypatch.setattr(sys, "meta_path", [Finder()])
    with pytest.raises(error):
        pip_version()
