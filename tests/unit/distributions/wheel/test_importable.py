"""Test as what a file is imported."""

from __future__ import annotations

import pytest

from pip_guard.distributions.wheel.importable import imported_as, is_extension, module_name


@pytest.mark.parametrize(
    ("filename", "name"),
    [
        pytest.param("a.py", "a", id="source"),
        pytest.param("a.pyc", "a", id="compiled"),
        pytest.param("a.pyw", "a", id="source-on-windows"),
        pytest.param("a.so", "a", id="extension"),
        pytest.param("a.cpython-311-x86_64-linux-gnu.so", "a", id="tagged-extension"),
        pytest.param("a.cp311-win_amd64.pyd", "a", id="extension-on-windows"),
        pytest.param("a.b.py", None, id="dot-in-the-name"),
        pytest.param("a.so.1", None, id="library"),
        pytest.param("a.txt", None, id="text"),
        pytest.param("a", None, id="no-suffix"),
        pytest.param(".py", None, id="no-name"),
        pytest.param(".so", None, id="no-name-of-extension"),
    ],
)
def test_names_modules(filename: str, name: str | None) -> None:
    assert module_name(filename) == name


def test_tells_extensions() -> None:
    assert [is_extension(name) for name in ("a.so", "a.abi3.so", "a.pyd", "a.py")] == [True, True, True, False]


@pytest.mark.parametrize(
    ("path", "module"),
    [
        pytest.param("a.py", ("", "a"), id="top"),
        pytest.param("p/a.py", ("p", "a"), id="below"),
        pytest.param("p/__init__.py", ("", "p"), id="package"),
        pytest.param("p/q/__init__.abi3.so", ("p", "q"), id="package-below"),
        pytest.param("p/__pycache__/a.cpython-311.pyc", ("p", "a"), id="cache"),
        pytest.param("__pycache__/a.cpython-311.opt-1.pyc", ("", "a"), id="cache-at-the-top"),
        pytest.param("p/__pycache__/__init__.cpython-311.pyc", ("", "p"), id="cache-of-a-package"),
        pytest.param("p/__pycache__/a.txt", None, id="text-in-the-cache"),
        pytest.param("__init__.py", None, id="package-without-a-name"),
        pytest.param("p/a.txt", None, id="text"),
    ],
)
def test_tells_from_where_it_is_imported(path: str, module: tuple[str, str] | None) -> None:
    assert imported_as(path) == module
