"""The folders are found in which distributions are installed."""

from __future__ import annotations

import os
import site
import sys
from pathlib import Path

import pytest

from pip_guard.distributions.installed.libraries import (
    LibraryFolder,
    library_folders_below,
    running_library_folders,
)
from pip_guard.errors import UsageError


@pytest.mark.parametrize(
    ("library", "prefix"),
    [
        pytest.param("lib/python3.11/site-packages", "", id="virtual-environment"),
        pytest.param("lib64/python3.11/site-packages", "", id="of-64-bits"),
        pytest.param("Lib/site-packages", "", id="windows"),
        pytest.param("lib/python3/dist-packages", "", id="debian"),
        pytest.param("local/lib/python3.13/dist-packages", "", id="debian-local"),
        pytest.param("lib/pypy3.11/site-packages", "", id="pypy"),
        pytest.param("lib/python3.14t/site-packages", "", id="free-threaded"),
    ],
)
def test_finds_the_library_and_its_environment(library: str, prefix: str, tmp_path: Path) -> None:
    (tmp_path / library).mkdir(parents=True)
    expected = (LibraryFolder(library=str(tmp_path / library), prefix=str(tmp_path / prefix)),)
    assert library_folders_below(str(tmp_path / library)) == expected
    assert library_folders_below(str(tmp_path)) == expected


def test_follows_a_link_between_libraries_once(tmp_path: Path) -> None:
    (tmp_path / "lib" / "python3.11" / "site-packages").mkdir(parents=True)
    (tmp_path / "lib64").symlink_to("lib")
    assert len(library_folders_below(str(tmp_path))) == 1


def test_takes_a_folder_with_distributions_for_a_target(tmp_path: Path) -> None:
    (tmp_path / "demo-1.0.dist-info").mkdir()
    (place,) = library_folders_below(str(tmp_path))
    assert place == LibraryFolder(library=str(tmp_path), prefix=str(tmp_path))
    assert place.is_target


def test_an_empty_library_is_one(tmp_path: Path) -> None:
    (tmp_path / "site-packages").mkdir()
    (place,) = library_folders_below(str(tmp_path / "site-packages"))
    assert not place.is_target


@pytest.mark.parametrize(
    ("path", "message"),
    [
        pytest.param("absent", "is not a folder", id="absent"),
        pytest.param(".", "Nothing is installed in", id="nothing-there"),
    ],
)
def test_says_where_there_is_nothing(path: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=message):
        library_folders_below(str(tmp_path / path))


@pytest.mark.parametrize(
    ("library", "managed"),
    [
        pytest.param("/usr/lib/python3/dist-packages", True, id="debian"),
        pytest.param("/usr/local/lib/python3.11/dist-packages", False, id="debian-local"),
        pytest.param("/venv/lib/python3.11/site-packages", False, id="virtual-environment"),
    ],
)
def test_knows_what_belongs_to_the_package_manager(library: str, managed: bool) -> None:
    assert LibraryFolder(library=library, prefix="/usr").is_managed is managed


def test_prefix_can_be_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "isdir", lambda path: True)
    (place,) = library_folders_below("/site-packages")
    assert place.prefix == "/"


@pytest.mark.parametrize("active", [pytest.param(True, id="active"), pytest.param(False, id="inactive")])
def test_finds_what_the_running_interpreter_imports_from(
    active: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, user, added = (tmp_path / name / "site-packages" for name in ("own", "user", "added"))
    for folder in (own, user, added):
        folder.mkdir(parents=True)
    monkeypatch.setattr(site, "getsitepackages", lambda: [str(own), str(tmp_path / "absent")])
    monkeypatch.setattr(site, "getusersitepackages", lambda: str(user))
    monkeypatch.setattr(site, "ENABLE_USER_SITE", active)
    monkeypatch.setattr(sys, "path", ["", str(tmp_path), str(added), str(own)])
    found = [place.library for place in running_library_folders()]
    assert found == [str(own), *([str(user)] if active else []), str(added)]
