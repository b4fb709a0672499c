"""Test what is kept in the cache folder, and when it is believed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from pip_guard.environment.private_cache import PrivateCache

POSIX = pytest.mark.skipif(os.name != "posix", reason="owners and modes are those of POSIX")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "advisories"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_keeps_files_for_the_user_alone(folder: Path) -> None:
    files = PrivateCache(str(folder))
    assert files.read("one") is None
    assert files.write("one", b"first")
    assert files.write("one", b"second")
    assert files.read("one") == b"second"
    assert names(folder) == ["one"]
    if os.name == "posix":
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((folder / "one").stat().st_mode) == 0o600


def test_says_where_a_file_is(folder: Path) -> None:
    PrivateCache(str(folder)).write("one", b"")
    assert PrivateCache(str(folder)).find("one") == str(folder / "one")
    assert PrivateCache(str(folder / "none")).find("one") is None


@POSIX
@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_folder_that_others_can_write_to_is_not_believed(folder: Path, mode: int) -> None:
    PrivateCache(str(folder)).write("one", b"first")
    folder.chmod(mode)
    files = PrivateCache(str(folder))
    assert files.read("one") is None
    assert not files.write("one", b"second")
    assert (folder / "one").read_bytes() == b"first"


@POSIX
def test_folder_of_another_user_is_not_believed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    PrivateCache(str(folder)).write("one", b"first")
    monkeypatch.setattr(os, "geteuid", lambda: folder.stat().st_uid + 1)
    assert PrivateCache(str(folder)).read("one") is None


@POSIX
def test_link_to_a_folder_is_not_believed(folder: Path, tmp_path: Path) -> None:
    PrivateCache(str(folder)).write("one", b"first")
    link = tmp_path / "link"
    link.symlink_to(folder)
    assert PrivateCache(str(link)).read("one") is None


def test_owner_does_not_count_where_users_have_no_numbers(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "geteuid", raising=False)
    files = PrivateCache(str(folder))
    assert files.write("one", b"first")
    assert files.read("one") == b"first"


def test_nothing_depends_on_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    files = PrivateCache(str(tmp_path / "file" / "cache"))
    assert not files.write("one", b"first")
    assert files.read("one") is None
    files.prune(before=1e12, limit=0)


def test_leaves_nothing_behind_if_a_file_cannot_be_put_in_place(folder: Path) -> None:
    (folder / "one").mkdir(parents=True, mode=0o700)
    folder.chmod(0o700)
    assert not PrivateCache(str(folder)).write("one", b"first")
    assert names(folder) == ["one"]


def test_old_files_are_removed_where_there_are_many(folder: Path) -> None:
    files = PrivateCache(str(folder))
    for name, time in {"old": 1000, "older": 999, "new": 1001}.items():
        files.write(name, b"")
        os.utime(folder / name, (time, time))
    files.prune(before=1001, limit=3)
    assert len(names(folder)) == 3
    (folder / "older").unlink()
    (folder / "older").mkdir()  # and what cannot be removed stays
    os.utime(folder / "older", (999, 999))
    files.prune(before=1001, limit=2)
    assert names(folder) == ["new", "older"]
