"""Test how lines get into a file that others may have got at."""

from __future__ import annotations

import errno
import os
import stat
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pip_guard.journal import files
from pip_guard.journal.files import KEPT, UnwritableError, append, rotated
from tests.kit.file_owners import pretend_owner
from tests.kit.interpreter import load_again

LARGE = 1024 * 1024


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "pip-guard" / "journal.jsonl"


def write(path: Path, line: bytes = b"one\n", *, max_size: int = LARGE) -> None:
    append(str(path), line, max_size=max_size)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_makes_folder_and_file_that_are_private(path: Path) -> None:
    previous = os.umask(0)
    try:
        write(path)
    finally:
        os.umask(previous)
    assert path.read_bytes() == b"one\n"
    assert (mode(path), mode(path.parent), mode(Path(f"{path}.lock"))) == (0o600, 0o700, 0o600)


def test_takes_back_what_others_may_do_with_the_file(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.touch(mode=0o666)
    path.chmod(0o666)
    write(path)
    assert mode(path) == 0o600


def test_appends(path: Path) -> None:
    write(path)
    write(path, b"two\n")
    assert path.read_bytes() == b"one\ntwo\n"


def test_half_a_line_does_not_become_part_of_the_next(path: Path) -> None:
    write(path, b"half")
    write(path, b"whole\n")
    assert path.read_bytes() == b"half\nwhole\n"


def test_begins_a_new_file_where_the_line_would_not_fit(path: Path) -> None:
    for number in range(9):
        write(path, b"%d\n" % number, max_size=5)
    assert path.read_bytes() == b"8\n"
    older = [Path(rotated(str(path), number)).read_bytes() for number in range(1, 5)]
    assert older == [b"6\n7\n", b"4\n5\n", b"2\n3\n", b"0\n1\n"]


def test_keeps_no_more_than_some_files(path: Path) -> None:
    for number in range(KEPT + 5):
        write(path, b"%d\n" % number, max_size=1)
    kept = sorted(file.name for file in path.parent.iterdir() if not file.name.endswith(".lock"))
    assert kept == ["journal.jsonl", *(f"journal.jsonl.{number}" for number in range(1, KEPT + 1))]


def test_line_that_is_larger_than_any_file_is_written_all_the_same(path: Path) -> None:
    write(path, b"one\n", max_size=1)
    assert path.read_bytes() == b"one\n"


def test_file_that_cannot_be_moved_grows(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def replace(source: str, target: str) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "replace", replace)
    write(path, max_size=1)
    write(path, max_size=1)
    assert path.read_bytes() == b"one\none\n"


def link(path: Path) -> None:
    path.symlink_to(path.parent / "elsewhere")


def link_to_something(path: Path) -> None:
    (path.parent / "elsewhere").write_bytes(b"mine\n")
    path.symlink_to("elsewhere")


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        pytest.param(link, "is a symbolic link", id="link-to-nothing"),
        pytest.param(link_to_something, "is a symbolic link", id="link"),
        pytest.param(Path.mkdir, "cannot be written (Is a directory)", id="folder"),
        pytest.param(os.mkfifo, "is not a regular file", id="pipe"),
        pytest.param(
            lambda path: path.parent.chmod(0o777), "is in a folder that others can write", id="folder-of-everybody"
        ),
    ],
)
def test_writes_to_no_other_place(path: Path, spoil: Callable[[Path], object], problem: str) -> None:
    path.parent.mkdir(parents=True)
    spoil(path)
    before = {file: file.read_bytes() for file in path.parent.iterdir() if file.is_file()}
    with pytest.raises(UnwritableError) as caught:
        write(path)
    assert str(caught.value) == problem
    after = {file: file.read_bytes() for file in path.parent.iterdir() if file.is_file() and file.suffix != ".lock"}
    assert after == before


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        pytest.param("journal.jsonl", "belongs to another user (12345)", id="file"),
        pytest.param(".", "is in a folder that belongs to another user (12345)", id="folder"),
    ],
)
def test_writes_to_nothing_of_another_user(
    path: Path, monkeypatch: pytest.MonkeyPatch, name: str, problem: str
) -> None:
    path.parent.mkdir(parents=True)
    path.touch()
    pretend_owner(monkeypatch, path.parent / name, 12345)
    with pytest.raises(UnwritableError) as caught:
        write(path)
    assert str(caught.value) == problem
    assert path.read_bytes() == b""


def test_folder_of_everybody_will_do_where_nobody_can_replace_files(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.parent.chmod(0o1777)
    write(path)
    assert path.read_bytes() == b"one\n"


def test_link_that_appears_at_the_last_moment_is_not_followed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.parent.mkdir(parents=True)
    link_to_something(path)
    monkeypatch.setattr(os.path, "islink", lambda path: False)
    with pytest.raises(UnwritableError, match="cannot be written"):
        write(path)
    assert (path.parent / "elsewhere").read_bytes() == b"mine\n"


def test_full_disk_leaves_no_half_line(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(path)
    real_write = os.write
    monkeypatch.setattr(os, "write", lambda handle, line: real_write(handle, line[:2]))
    with pytest.raises(UnwritableError) as caught:
        write(path, b"two\n")
    assert str(caught.value) == "cannot be written (no space left for the record)"
    assert path.read_bytes() == b"one\n"


def test_disk_without_any_room_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(handle: int, line: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", fail)
    with pytest.raises(UnwritableError) as caught:
        write(path)
    assert str(caught.value) == "cannot be written (No space left on device)"


def test_waits_for_another_process(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([False, False, True])
    paused: list[float] = []
    monkeypatch.setattr(files, "_try_lock", lambda handle: next(answers))
    monkeypatch.setattr(time, "sleep", paused.append)
    write(path)
    assert (path.read_bytes(), len(paused)) == (b"one\n", 2)


def test_does_not_wait_for_ever(path: Path) -> None:
    path.parent.mkdir(parents=True)
    with files._locked(f"{path}.lock", 0.01), pytest.raises(UnwritableError) as caught:
        append(str(path), b"one\n", max_size=LARGE, patience=0.1)
    assert str(caught.value) == "is locked by another process"
    write(path)


def test_lock_is_given_back_when_writing_fails(path: Path) -> None:
    path.parent.mkdir(parents=True)
    link(path)
    with pytest.raises(UnwritableError):
        write(path)
    path.unlink()
    write(path)


def test_permissions_mean_nothing_on_other_systems(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.parent.mkdir(parents=True)
    path.parent.chmod(0o777)
    path.touch()
    path.chmod(0o644)
    monkeypatch.setattr(files, "POSIX", False)
    write(path)
    assert (path.read_bytes(), mode(path)) == (b"one\n", 0o644)


class WindowsLocks:
    """The locks of Windows, of which another process holds one for a while."""

    LK_NBLCK = 2

    def __init__(self, *held: bool) -> None:
        self._held = iter(held)
        self.tried: list[tuple[int, int]] = []

    def locking(self, handle: int, mode: int, count: int) -> None:
        self.tried.append((mode, count))
        if next(self._held):
            raise PermissionError(errno.EACCES, "Permission denied")


def test_waits_for_a_lock_of_windows(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locks = WindowsLocks(True, True, False)
    monkeypatch.setitem(sys.modules, "msvcrt", locks)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "platform", "win32")
        as_on_windows = load_again(files)
        as_on_windows.append(str(path), b"one\n", max_size=LARGE)
    assert (path.read_bytes(), locks.tried) == (b"one\n", 3 * [(WindowsLocks.LK_NBLCK, 1)])
