"""Test bounded reads of regular files, replacing files in one step, and the private cache."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from pip_guard.environment.files import (
    PrivateCache,
    UnreadableFileError,
    hash_file,
    list_folder,
    read_file,
    replace_file,
    scan_folder,
)
from tests.kit.wheels import record_hash

POSIX = pytest.mark.skipif(os.name != "posix", reason="owners and modes are those of POSIX")


def test_reads_a_file_up_to_the_limit(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    assert read_file(str(tmp_path / "file"), 5) == b"12345"


def test_reads_none_beyond_the_limit(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    with pytest.raises(UnreadableFileError, match="is too large"):
        read_file(str(tmp_path / "file"), 4)


def test_hashes_a_file_in_pieces(tmp_path: Path) -> None:
    content = b"x" * (3 << 20)
    (tmp_path / "file").write_bytes(content)
    assert hash_file(str(tmp_path / "file"), "sha256") == record_hash(content)


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind(str(path))


@pytest.mark.parametrize(
    ("make", "reason", "gone"),
    [
        pytest.param(lambda path: None, "is gone", True, id="nothing"),
        pytest.param(lambda path: path.symlink_to(path.parent / "absent"), "is gone", True, id="link-to-nothing"),
        pytest.param(lambda path: path.mkdir(), "is not a regular file", False, id="folder"),
        pytest.param(os.mkfifo, "is not a regular file", False, id="fifo"),
        pytest.param(lambda path: path.symlink_to("/dev/zero"), "is not a regular file", False, id="device"),
        pytest.param(lambda path: path.symlink_to(path), r"cannot be read \(.+\)", False, id="loop"),
        pytest.param(make_socket, r"cannot be read \(.+\)", False, id="socket"),
    ],
)
def test_reads_nothing_else(make: object, reason: str, gone: bool, tmp_path: Path) -> None:
    assert callable(make)
    make(tmp_path / "file")
    with pytest.raises(UnreadableFileError, match=f"^{reason}$") as caught:
        hash_file(str(tmp_path / "file"), "sha256")
    assert caught.value.gone is gone


def test_reads_no_file_with_an_impossible_name() -> None:
    with pytest.raises(UnreadableFileError, match=r"^cannot be read \(embedded null byte\)$"):
        read_file("a\0b", 1)


def test_a_file_below_a_file_is_gone(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UnreadableFileError, match="is gone"):
        read_file(str(tmp_path / "file" / "below"), 1)


def test_replaces_a_file_by_a_private_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(0o644)
    replace_file(str(path), b"new")
    assert path.read_bytes() == b"new"
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    replace_file(str(path), b"newer", prepare=lambda temporary: Path(temporary).chmod(0o640))
    assert (path.read_bytes(), names(tmp_path)) == (b"newer", ["file"])
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_keeps_the_old_file_if_the_new_one_fails(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def fail(temporary: str) -> None:
        raise PermissionError(temporary)

    with pytest.raises(PermissionError):
        replace_file(str(path), b"new", prepare=fail)
    assert (path.read_bytes(), names(tmp_path)) == (b"old", ["file"])


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


def test_lists_a_folder_in_the_order_of_names(tmp_path: Path) -> None:
    (tmp_path / "b").touch()
    (tmp_path / "a").mkdir()
    assert list_folder(str(tmp_path)) == ["a", "b"]
    assert len(list_folder(str(tmp_path), most=1)) == 1
    assert [(entry.name, entry.is_dir()) for entry in scan_folder(str(tmp_path))] == [("a", True), ("b", False)]


def test_a_folder_that_cannot_be_read_is_empty(tmp_path: Path) -> None:
    assert list_folder(str(tmp_path / "absent")) == []
    assert scan_folder(str(tmp_path / "absent")) == []
